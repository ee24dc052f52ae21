// Rows of weights as the lanes of vectors, for panels of few tokens: each token has a vector of sums.
//
// Elsewhere tokens are lanes, and each weight is broadcast to all of them. With eight tokens that is a load for every
// multiply-add of eight lanes, which takes longer than memory needs to bring the weights. Here weights of as many rows as
// a vector has lanes are loaded as they lie and transposed in registers; broadcast are the values of tokens, from a panel
// that stays in the first-level cache. A sum is the same chain, with k ascending, as elsewhere.
//
// Rows lie a number of tiles apart, as in gemm.h. Sixteen are twice as many as the first-level cache has lines for such that
// lie a multiple of four kilobytes apart, which costs fp32 an eighth where a row is such a multiple.
#ifndef BERT4J_ROW_LANES_H
#define BERT4J_ROW_LANES_H

#include "product.h"

#include <immintrin.h>

// Tokens of the least panel.
enum { TOKENS = 8 };

// Every fourth row, and the distance of those between.
struct lanes {
    const char *fourth[4];
    int64_t step;
};

// Eight or sixteen rows that lie `apart` rows from each other.
static inline __attribute__((always_inline)) struct lanes lanes_of(const struct product *p, const int rows, int row,
        int64_t apart) {
    struct lanes lanes = {.step = apart * p->step};
    for (int r = 0; r < rows; r += 4) {
        lanes.fourth[r / 4] = p->w + (row + r * apart) * p->step;
    }
    return lanes;
}

static inline const char *row_of(const struct lanes *lanes, int r, int64_t at) {
    return lanes->fourth[r / 4] + (r % 4) * lanes->step + at;
}

// A line of each of so many rows.
static inline __attribute__((always_inline)) void fetch(const struct lanes *lanes, const int rows, int64_t at) {
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++) {
        __builtin_prefetch(row_of(lanes, r, at));
    }
}

typedef void tile_of_lanes(const struct product *p, int row, int64_t apart, int first);

// All rows, so many at a time, but the last few, of which the number is returned.
static inline int rows_by(int lanes, const struct product *p, tile_of_lanes *tile, int first) {
    const int64_t tiles = tiles_apart(p, lanes);
    for (int row = 0; row < tiles; row++) {
        tile(p, row, tiles, first);
    }
    int row = (int) tiles * lanes;
    for (; row + lanes <= p->rows; row += lanes) {
        tile(p, row, 1, first);
    }
    return p->rows - row;
}

// The product of the last so many rows.
static inline struct product last_rows(const struct product *p, int rest) {
    const int done = p->rows - rest;
    struct product last = *p;
    last.w += done * p->step;
    last.y += (int64_t) done * p->lanes;
    last.rows = rest;
    if (p->w_scales) {
        last.w_scales += done;
    }
    return last;
}

#endif
