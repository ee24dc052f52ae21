// Sixteen rows of weights with eight tokens of a panel, for panels of few tokens: rows are lanes, and each token has a
// vector of sums.
//
// Elsewhere tokens are lanes, and each weight is broadcast to all of them. With eight tokens that is a load for every
// multiply-add of half a vector, which takes longer than memory needs to bring the weights. Here sixteen weights of sixteen
// rows are loaded as they lie and transposed in registers, 64 shuffles for 128 multiply-adds; broadcast are the values of
// tokens, from a panel that stays in the first-level cache. A sum is the same chain, with k ascending, as elsewhere.
//
// Rows lie a number of tiles apart, as in gemm.h. Here they are twice as many as the first-level cache has lines for such
// that lie a multiple of four kilobytes apart, which costs an eighth where a row is such a multiple.
#ifndef BERT4J_SIXTEEN_ROWS_H
#define BERT4J_SIXTEEN_ROWS_H

#include "product.h"
#include "transpose.h"

// Tokens, and bytes that weights are fetched ahead: lines of sixteen rows are as many as can be under way.
enum { TOKENS = 8, AHEAD_OF_SIXTEEN = 256 };

// Sixteen weights of a row from column k on, those that are not in the mask 0, as bert4j_widen makes them.
static inline __attribute__((always_inline)) __m512 sixteen_weights(const struct product *p, const int stored,
        const char *w, int row, int k, __mmask16 mask) {
    switch (stored) {
        case STORED_F32:
            return _mm512_maskz_loadu_ps(mask, w);
        case BERT4J_STORED_BF16:
            return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, w)), 16));
        case BERT4J_STORED_F16:
            return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, w));
        default: {
            const __m512 scaled = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(mask, w))),
                    _mm512_set1_ps(p->w_scales[row]));
            return p->columns ? _mm512_mul_ps(scaled, _mm512_maskz_loadu_ps(mask, p->columns + k)) : scaled;
        }
    }
}

// What lies at the same place of sixteen rows.
struct sixteen {
    const char *w[4];
    int64_t step;
};

static inline const char *row_of(const struct sixteen *rows, int r, int64_t at) {
    return rows->w[r / 4] + (r % 4) * rows->step + at;
}

// Sixteen weights of each from column k on, of which the mask says which are there, as vectors of a column.
static inline __attribute__((always_inline)) void columns_of(const struct product *p, const int stored,
        const struct sixteen *rows, int row, int apart, int k, __mmask16 mask, __m512 columns[SIXTEEN]) {
#pragma GCC unroll 16
    for (int r = 0; r < SIXTEEN; r++) {
        columns[r] = sixteen_weights(p, stored, row_of(rows, r, (int64_t) stored_bytes(stored) * k), row + r * apart, k,
                mask);
    }
    transpose(columns);
}

static inline __attribute__((always_inline)) void madd_tokens(__m512 sums[SIXTEEN], __m512 column, const float *x) {
#pragma GCC unroll 8
    for (int t = 0; t < TOKENS; t++) {
        sums[t] = _mm512_fmadd_ps(column, _mm512_set1_ps(x[t]), sums[t]);
    }
}

static inline __attribute__((always_inline)) void sixteen_by_eight(const struct product *p, const int stored, int row,
        int64_t apart, int first) {
    const int width = stored_bytes(stored), line = 64 / width;
    const struct sixteen rows = {{p->w + row * p->step, p->w + (row + 4 * apart) * p->step,
        p->w + (row + 8 * apart) * p->step, p->w + (row + 12 * apart) * p->step}, apart * p->step};
    const float *x = (const float *) p->x + first;
    const int64_t lanes = p->lanes;
    __m512 sums[SIXTEEN], columns[SIXTEEN];
#pragma GCC unroll 16
    for (int t = 0; t < SIXTEEN; t++) {
        sums[t] = _mm512_setzero_ps();
    }
    int k = 0;
    for (; k + SIXTEEN <= p->depth; k += SIXTEEN) {
        if (k % line == 0) {
#pragma GCC unroll 16
            for (int r = 0; r < SIXTEEN; r++) {
                __builtin_prefetch(row_of(&rows, r, (int64_t) width * k + AHEAD_OF_SIXTEEN));
            }
        }
        columns_of(p, stored, &rows, row, (int) apart, k, 0xFFFF, columns);
#pragma GCC unroll 16
        for (int i = 0; i < SIXTEEN; i++, x += lanes) {
            madd_tokens(sums, columns[i], x);
        }
    }
    if (k < p->depth) {
        columns_of(p, stored, &rows, row, (int) apart, k, (__mmask16) ((1 << (p->depth - k)) - 1), columns);
        // In memory, for here they are counted at run time.
        __m512 last[SIXTEEN];
        memcpy(last, columns, sizeof last);
        for (int i = 0; i < p->depth - k; i++, x += lanes) {
            madd_tokens(sums, last[i], x);
        }
    }
    transpose(sums);
#pragma GCC unroll 16
    for (int r = 0; r < SIXTEEN; r++) {
        _mm256_storeu_ps(p->y + (row + r * apart) * lanes + first, _mm512_castps512_ps256(sums[r]));
    }
}

typedef void tile_of_sixteen(const struct product *p, int row, int64_t apart, int first);

// All rows but the last few, of which the number is returned.
static inline int rows_by_eight(const struct product *p, tile_of_sixteen *tile, int first) {
    const int64_t tiles = tiles_apart(p, SIXTEEN);
    for (int row = 0; row < tiles; row++) {
        tile(p, row, tiles, first);
    }
    int row = (int) tiles * SIXTEEN;
    for (; row + SIXTEEN <= p->rows; row += SIXTEEN) {
        tile(p, row, 1, first);
    }
    return p->rows - row;
}

// How many vectors of sixteen lanes come next where so many are used and so many there are; 0 where eight tokens are left.
static inline int vectors_of_sixteen(int used, int lanes) {
    return used <= TOKENS ? 0 : used > SIXTEEN && lanes >= 2 * SIXTEEN ? 2 : 1;
}

#endif
