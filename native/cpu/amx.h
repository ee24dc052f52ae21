// Products with AMX: up to two by two tiles of sums, of sixteen rows of weights by sixteen tokens each. A tile of weights
// is sixteen rows of 64 bytes, where they lie; one of tokens is sixteen groups of four bytes of each, as they are packed.
// Included by those that say how tiles are multiplied, DOT, and what becomes of a tile of sums, STORE_TILE.
#include "pack_avx2.h"

enum { SIDE = 16, LINE = 64 };

struct tile_configuration {
    uint8_t palette;
    uint8_t start_row;
    uint8_t reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
};

static inline void shape(struct tile_configuration *tiles, int tile, int rows, int bytes) {
    tiles->rows[tile] = (uint8_t) rows;
    tiles->bytes[tile] = (uint16_t) bytes;
}

static inline int side(int left) {
    return left < SIDE ? left : SIDE;
}

// The rest of some rows; what is behind it may not be there.
static const char *copy_rest(const char *w, int64_t step, int rows, int bytes, char *copy) {
    memset(copy, 0, SIDE * LINE);
    for (int r = 0; r < rows; r++) {
        memcpy(copy + r * LINE, w + r * step, bytes);
    }
    return copy;
}

// Up to 32 rows by up to 32 tokens, a multiple of eight.
static void tiles(const struct product *p, int row, int rows, int lane, int lanes) {
    const int rows0 = side(rows), rows1 = rows - rows0, lanes0 = side(lanes), lanes1 = lanes - lanes0;
    struct tile_configuration shapes = {.palette = 1};
    shape(&shapes, 0, rows0, 4 * lanes0);
    shape(&shapes, 4, rows0, LINE);
    shape(&shapes, 6, SIDE, 4 * lanes0);
    if (lanes1) {
        shape(&shapes, 1, rows0, 4 * lanes1);
        shape(&shapes, 7, SIDE, 4 * lanes1);
    }
    if (rows1) {
        shape(&shapes, 2, rows1, 4 * lanes0);
        shape(&shapes, 5, rows1, LINE);
    }
    if (rows1 && lanes1) {
        shape(&shapes, 3, rows1, 4 * lanes1);
    }
    _tile_loadconfig(&shapes);
    _tile_zero(0);
    if (lanes1) _tile_zero(1);
    if (rows1) _tile_zero(2);
    if (rows1 && lanes1) _tile_zero(3);
    const int bytes = p->depth * p->width;
    const char *x = p->x + 4 * lane;
    for (int at = 0; at < bytes; at += LINE, x += 4 * SIDE * (int64_t) p->lanes) {
        char copies[2][SIDE * LINE];
        const char *w0 = p->w + row * p->step + at, *w1 = w0 + SIDE * p->step;
        int64_t step = p->step;
        if (bytes - at < LINE) {
            w0 = copy_rest(w0, step, rows0, bytes - at, copies[0]);
            w1 = rows1 ? copy_rest(w1, step, rows1, bytes - at, copies[1]) : w1;
            step = LINE;
        }
        _tile_loadd(4, w0, step);
        _tile_loadd(6, x, 4 * p->lanes);
        DOT(0, 4, 6);
        if (lanes1) {
            _tile_loadd(7, x + 4 * SIDE, 4 * p->lanes);
            DOT(1, 4, 7);
        }
        if (rows1) {
            _tile_loadd(5, w1, step);
            DOT(2, 5, 6);
        }
        if (rows1 && lanes1) {
            DOT(3, 5, 7);
        }
    }
    int32_t sums[SIDE * SIDE];
    _tile_stored(0, sums, LINE);
    STORE_TILE(p, sums, row, rows0, lane, lanes0);
    if (lanes1) {
        _tile_stored(1, sums, LINE);
        STORE_TILE(p, sums, row, rows0, lane + SIDE, lanes1);
    }
    if (rows1) {
        _tile_stored(2, sums, LINE);
        STORE_TILE(p, sums, row + SIDE, rows1, lane, lanes0);
    }
    if (rows1 && lanes1) {
        _tile_stored(3, sums, LINE);
        STORE_TILE(p, sums, row + SIDE, rows1, lane + SIDE, lanes1);
    }
}

static void gemm_tiles(const struct product *p, int used) {
    const int lanes = (used + 7) / 8 * 8;
    for (int row = 0; row < p->rows; row += 2 * SIDE) {
        const int rows = p->rows - row < 2 * SIDE ? p->rows - row : 2 * SIDE;
        tiles(p, row, rows, 0, lanes);
    }
    _tile_release();
}
