// Products of fp32 with rows for lanes, as row_lanes.h says, sixteen weights of sixteen rows at a time: 64 shuffles
// for 128 multiply-adds.
#ifndef BERT4J_SIXTEEN_ROWS_H
#define BERT4J_SIXTEEN_ROWS_H

#include "row_lanes.h"
#include "transpose.h"

// Bytes that weights are fetched ahead: lines of sixteen rows are as many as can be under way.
enum { AHEAD_OF_SIXTEEN = 256 };

// Sixteen weights of each row from column k on, of which the mask says which are there, as vectors of a column.
static inline __attribute__((always_inline)) void columns_of(const struct lanes *rows, int k, __mmask16 mask,
        __m512 columns[SIXTEEN]) {
#pragma GCC unroll 16
    for (int r = 0; r < SIXTEEN; r++) {
        columns[r] = _mm512_maskz_loadu_ps(mask, row_of(rows, r, 4 * (int64_t) k));
    }
    transpose(columns);
}

static inline __attribute__((always_inline)) void madd_tokens(__m512 sums[SIXTEEN], __m512 column, const float *x) {
#pragma GCC unroll 8
    for (int t = 0; t < TOKENS; t++) {
        sums[t] = _mm512_fmadd_ps(column, _mm512_set1_ps(x[t]), sums[t]);
    }
}

// The sums of eight or sixteen tokens.
static inline __attribute__((always_inline)) void store_tokens(const struct product *p, __m512 sums[SIXTEEN],
        const int tokens, int row, int64_t apart, int first) {
    transpose(sums);
#pragma GCC unroll 16
    for (int r = 0; r < SIXTEEN; r++) {
        float *const y = p->y + (row + r * apart) * p->lanes + first;
        if (tokens == SIXTEEN) {
            _mm512_storeu_ps(y, sums[r]);
        } else {
            _mm256_storeu_ps(y, _mm512_castps512_ps256(sums[r]));
        }
    }
}

static inline __attribute__((always_inline)) void sixteen_by_eight(const struct product *p, int row, int64_t apart,
        int first) {
    const struct lanes rows = lanes_of(p, SIXTEEN, row, apart);
    const float *x = (const float *) p->x + first;
    const int64_t lanes = p->lanes;
    __m512 sums[SIXTEEN], columns[SIXTEEN];
#pragma GCC unroll 16
    for (int t = 0; t < SIXTEEN; t++) {
        sums[t] = _mm512_setzero_ps();
    }
    int k = 0;
    for (; k + SIXTEEN <= p->depth; k += SIXTEEN) {
        fetch(&rows, SIXTEEN, 4 * (int64_t) k + AHEAD_OF_SIXTEEN);
        columns_of(&rows, k, 0xFFFF, columns);
#pragma GCC unroll 16
        for (int i = 0; i < SIXTEEN; i++, x += lanes) {
            madd_tokens(sums, columns[i], x);
        }
    }
    if (k < p->depth) {
        columns_of(&rows, k, (__mmask16) ((1 << (p->depth - k)) - 1), columns);
        // In memory, for here they are counted at run time.
        __m512 last[SIXTEEN];
        memcpy(last, columns, sizeof last);
        for (int i = 0; i < p->depth - k; i++, x += lanes) {
            madd_tokens(sums, last[i], x);
        }
    }
    store_tokens(p, sums, TOKENS, row, apart, first);
}

// How many vectors of sixteen lanes come next where so many are used and so many there are; 0 where eight tokens are left.
static inline int vectors_of_sixteen(int used, int lanes) {
    return used <= TOKENS ? 0 : used > SIXTEEN && lanes >= 2 * SIXTEEN ? 2 : 1;
}

#endif
