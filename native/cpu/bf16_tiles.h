// Products of bf16 with AMX. A tile of sums is stored as it is, and has no more rows and columns than are wanted.
#include "product.h"

#define DOT _tile_dpbf16ps
#define STORE(tile, row, lane, rows, columns)                                                                          \
    {                                                                                                                  \
        (void) (columns);                                                                                              \
        _tile_stored(tile, p->y + (int64_t) (row) * p->lanes + (lane), 4 * (int64_t) p->lanes);                        \
    }

#include "amx.h"
#undef STORE
