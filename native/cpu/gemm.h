// The product of weights and a token panel, for vectors of one kind. It is included once for each kind, with
//     NAME(x)         x with what tells the kind
//     VECTOR, LANES   of sums, and how many it has
//     ZERO()          a vector of sums
//     INPUT, LOAD(p)  a vector of x, or X_ROWS of them
//     WEIGHT, BROADCAST(p)   the four bytes at p, of any alignment, for every lane
//     MADD(sum, x, w) adds the products of the four bytes
//     STORE(p, sum, row, lane)   what becomes of the sums of a row, from a lane on
//     NEXT(p)         the panel that comes next, or NULL; of fp32 alone
//     WHOLE_LINE(sums, low, high, step, x, x_step)   64 bytes of WIDE rows, which are eight then, with one vector, as in
//                     eight_rows.h; or not defined
//     WIDE, NARROW    rows that are multiplied side by side with one vector of a panel, and with two
//
// Four bytes of weights are a group: one k of fp32, two of bf16, four of int8. A group is broadcast, and its products
// with a vector of tokens, which has the same k side by side in each lane, are added at once; or, where X_ROWS is defined,
// one after the other, with a vector of x for each k of a group, which lie x_step / X_ROWS bytes apart. Then the depth has
// whole groups. So all kinds share this form, and the sum of a lane does not depend on where the lane is.
//
// Rows that are multiplied side by side lie a number of tiles apart, so that each stream of weights goes on in the next
// tile: processors recognise a stream of a few kilobytes only when it is over. Rows a multiple of four kilobytes apart want
// the same lines of the first-level cache, which has eight of them: so they are at most eight, and where they would lie so,
// and would not if they were one tile nearer to each other, they are, and the last tile is multiplied on its own.
//
// Where there are many panels, each comes from afar for every block of rows anew. So the next is fetched while one is
// multiplied: for each line of weights, sixteen k, as many lines as a panel has lanes, shared out among the tiles.

#ifndef X_ROWS
#define X_ROWS 1
#endif
#ifdef NEXT
#define FETCHES 1
#else
#define FETCHES 0
#define NEXT(p) NULL
#endif

static inline __attribute__((always_inline)) void NAME(tile)(const struct product *p, int row, int64_t apart,
        const int rows, const int vectors, int first) {
    VECTOR sums[WIDE > NARROW ? WIDE : NARROW][2];
    const char *w[3] = {p->w + row * p->step, 0, 0};
    const int64_t step = apart * p->step;
    w[1] = w[0] + 4 * step;
    w[2] = w[1] + 4 * step;
    const char *x = p->x + 4 * first;
    const int64_t x_step = 4 * X_ROWS * (int64_t) p->lanes;
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            sums[r][v] = ZERO();
        }
    }
    const int64_t bytes = (int64_t) p->depth * p->width;
    // What this tile fetches of the next panel, for each line of weights.
    const int fetches = FETCHES && vectors == 2 && rows == NARROW;
    const char *next = NULL;
    int64_t fetched = 0, fetched_to = 0;
    if (fetches && p->lanes == 2 * LANES && NEXT(p)) {
        const int64_t share = (p->lanes + apart - 1) / apart;
        next = NEXT(p);
        fetched = row * share < p->lanes ? row * share : p->lanes;
        fetched_to = fetched + share < p->lanes ? fetched + share : p->lanes;
    }
    for (int64_t line = 0; line + 4 <= bytes; line += 64) {
        // Weights are multiplied faster than they come from memory: what comes next must be under way. With two vectors that
        // takes twice as long.
#pragma GCC unroll 16
        for (int r = 0; r < rows; r++) {
            __builtin_prefetch(w[r / 4] + (r % 4) * step + line + AHEAD / vectors);
        }
        if (fetches) {
            for (int64_t i = fetched; i < fetched_to; i++) {
                __builtin_prefetch(next + line * p->lanes + 64 * i, 0, 2);
            }
        }
        const int64_t end = line + 64 < bytes - 3 ? line + 64 : bytes - 3;
        int64_t k = line;
#ifdef WHOLE_LINE
        _Static_assert(WIDE == 8, "WHOLE_LINE takes eight rows");
        if (vectors == 1 && rows == WIDE && line + 64 <= bytes) {
            WHOLE_LINE(sums, w[0] + line, w[1] + line, step, x, x_step);
            x += 16 * x_step;
            k += 64;
        }
#endif
        for (; k < end; k += 4) {
            INPUT xs[2];
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) {
                xs[v] = LOAD(x + 4 * LANES * v);
            }
            x += x_step;
#pragma GCC unroll 16
            for (int r = 0; r < rows; r++) {
                const WEIGHT weight = BROADCAST(w[r / 4] + (r % 4) * step + k);
#pragma GCC unroll 2
                for (int v = 0; v < vectors; v++) {
                    sums[r][v] = MADD(sums[r][v], xs[v], weight);
                }
            }
        }
    }
    const int rest = (int) (bytes & 3);
    if (rest) {
#pragma GCC unroll 16
        for (int r = 0; r < rows; r++) {
            char last[4] = {0};
            memcpy(last, w[r / 4] + (r % 4) * step + bytes - rest, rest);
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) {
                sums[r][v] = MADD(sums[r][v], LOAD(x + 4 * LANES * v), BROADCAST(last));
            }
        }
    }
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            STORE(p, sums[r][v], row + r * apart, first + v * LANES);
        }
    }
}

// Each size is a function of its own: in a larger one the compiler loses sight of the registers, and keeps sums on the
// stack.
#define SIZE(name, rows, vectors)                                                                                      \
    static __attribute__((noinline)) void NAME(name)(const struct product *p, int row, int64_t apart, int first) {     \
        NAME(tile)(p, row, apart, rows, vectors, first);                                                               \
    }
SIZE(tile_wide, WIDE, 1)
SIZE(tile_narrow, NARROW, 2)
SIZE(four_wide, 4, 1)
SIZE(four_narrow, 4, 2)
SIZE(row_wide, 1, 1)
SIZE(row_narrow, 1, 2)
#undef SIZE

// All rows with one or two vectors of the panel.
static void NAME(vectors)(const struct product *p, int vectors, int first) {
    const int side_by_side = vectors == 1 ? WIDE : NARROW;
    const int64_t tiles = tiles_apart(p, side_by_side);
    for (int row = 0; row < tiles; row++) {
        (vectors == 1 ? NAME(tile_wide) : NAME(tile_narrow))(p, row, tiles, first);
    }
    int row = (int) tiles * side_by_side;
    for (; row + side_by_side <= p->rows; row += side_by_side) {
        (vectors == 1 ? NAME(tile_wide) : NAME(tile_narrow))(p, row, 1, first);
    }
    for (; row + 4 <= p->rows; row += 4) {
        (vectors == 1 ? NAME(four_wide) : NAME(four_narrow))(p, row, 1, first);
    }
    for (; row < p->rows; row++) {
        (vectors == 1 ? NAME(row_wide) : NAME(row_narrow))(p, row, 1, first);
    }
}

// The whole product; inline, for not every file has a use for it.
static inline void NAME(gemm)(const struct product *p, int used) {
    int first = 0;
    for (; used - first > LANES; first += 2 * LANES) {
        NAME(vectors)(p, 2, first);
    }
    if (first < used) {
        NAME(vectors)(p, 1, first);
    }
}

#undef NAME
#undef VECTOR
#undef LANES
#undef ZERO
#undef INPUT
#undef LOAD
#undef WEIGHT
#undef BROADCAST
#undef MADD
#undef STORE
#undef NEXT
#undef WHOLE_LINE
#undef FETCHES
#undef WIDE
#undef NARROW
#undef X_ROWS
