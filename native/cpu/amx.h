// Products with AMX, of weights where they lie: two tiles of sums by two, or four by one where there are few tokens, of
// sixteen rows of weights by sixteen tokens each. A tile of weights is sixteen rows of 64 bytes; one of tokens is sixteen
// groups of four bytes of each, as they are packed. Included by those that say how tiles are multiplied, DOT, and what
// becomes of a tile of sums of a product p, STORE(tile, row, lane, rows, columns).
#include "pack_avx2.h"
#include "tile_configuration.h"

static inline int side(int left) {
    return left < SIDE ? left : SIDE;
}

// Tiles 0 to 3 are sums, 4 and 5 weights, 6 and 7 tokens. Sums lie beside each other where there are two tiles of tokens,
// of which the second may be narrower.
static void configure(int rows, int lanes, int lanes_beside) {
    struct tile_configuration shapes = {.palette = 1};
    for (int tile = 0; tile < TILES; tile++) {
        const int beside = tile % 2 && (tile < 4 || tile > 5) && lanes_beside;
        shapes.rows[tile] = (uint8_t) (tile < 6 ? rows : SIDE);
        shapes.bytes[tile] = (uint16_t) (tile == 4 || tile == 5 ? LINE : 4 * (beside ? lanes_beside : lanes));
    }
    load_configuration(&shapes);
}

// The rest of some rows; what is behind it may not be there.
static const char *copy_rest(const char *w, int64_t step, int rows, int bytes, char *copy) {
    memset(copy, 0, SIDE * LINE);
    for (int r = 0; r < rows; r++) {
        memcpy(copy + r * LINE, w + r * step, bytes);
    }
    return copy;
}

// `down` tiles of `rows` rows each by `beside` tiles of tokens, at most four in all.
static inline __attribute__((always_inline)) void tiles(const struct product *p, int row, int rows, int used,
        const int down, const int beside) {
    _tile_zero(0);
    if (down * beside > 1) {
        _tile_zero(1);
    }
    if (down * beside > 2) {
        _tile_zero(2);
        _tile_zero(3);
    }
    const int bytes = p->depth * p->width;
    const char *x = p->x;
    for (int at = 0; at < bytes; at += LINE, x += 4 * SIDE * (int64_t) p->lanes) {
        char copies[4][SIDE * LINE];
        const char *w[4];
        int64_t step = p->step;
#pragma GCC unroll 4
        for (int d = 0; d < down; d++) {
            w[d] = p->w + (row + d * SIDE) * p->step + at;
        }
        if (bytes - at < LINE) {
            for (int d = 0; d < down; d++) {
                w[d] = copy_rest(w[d], step, rows, bytes - at, copies[d]);
            }
            step = LINE;
        }
        _tile_loadd(6, x, 4 * p->lanes);
        _tile_loadd(4, w[0], step);
        DOT(0, 4, 6);
        if (beside == 2) {
            _tile_loadd(7, x + 4 * SIDE, 4 * p->lanes);
            DOT(1, 4, 7);
            if (down > 1) {
                _tile_loadd(5, w[1], step);
                DOT(2, 5, 6);
                DOT(3, 5, 7);
            }
        } else if (down > 1) {
            _tile_loadd(5, w[1], step);
            DOT(1, 5, 6);
            _tile_loadd(4, w[2], step);
            DOT(2, 4, 6);
            _tile_loadd(5, w[3], step);
            DOT(3, 5, 6);
        }
    }
    const int lanes = side(used);
    STORE(0, row, 0, rows, lanes);
    if (beside == 2) {
        STORE(1, row, SIDE, rows, used - lanes);
        if (down > 1) {
            STORE(2, row + SIDE, 0, rows, lanes);
            STORE(3, row + SIDE, SIDE, rows, used - lanes);
        }
    } else if (down > 1) {
        STORE(1, row + SIDE, 0, rows, lanes);
        STORE(2, row + 2 * SIDE, 0, rows, lanes);
        STORE(3, row + 3 * SIDE, 0, rows, lanes);
    }
}

// All rows that fill a tile, and then those that are left.
static inline __attribute__((always_inline)) void gemm_beside(const struct product *p, int used, const int beside) {
    const int down = 4 / beside;
    const int lanes = side(used);
    configure(SIDE, lanes, used - lanes);
    int row = 0;
    for (; row + down * SIDE <= p->rows; row += down * SIDE) {
        tiles(p, row, SIDE, used, down, beside);
    }
    for (; row + SIDE <= p->rows; row += SIDE) {
        tiles(p, row, SIDE, used, 1, beside);
    }
    if (row < p->rows) {
        configure(p->rows - row, lanes, used - lanes);
        tiles(p, row, p->rows - row, used, 1, beside);
    }
    _tile_release();
}

static void gemm_tiles(const struct product *p, int used) {
    const int lanes = (used + 7) / 8 * 8;
    if (lanes > SIDE) {
        gemm_beside(p, lanes, 2);
    } else {
        gemm_beside(p, lanes, 1);
    }
}
