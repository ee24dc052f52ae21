// Sixteen vectors of sixteen elements of four bytes.
#ifndef BERT4J_TRANSPOSE_H
#define BERT4J_TRANSPOSE_H

#include <immintrin.h>

enum { SIXTEEN = 16 };

static inline __m512 pairs_low(__m512 a, __m512 b) {
    return _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
}

static inline __m512 pairs_high(__m512 a, __m512 b) {
    return _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
}

// Element j of vector i becomes element i of vector j: within quarters of vectors first, and then those.
static inline __attribute__((always_inline)) void transpose(__m512 m[SIXTEEN]) {
    __m512 t[SIXTEEN];
#pragma GCC unroll 16
    for (int i = 0; i < SIXTEEN; i += 4) {
        const __m512 low = _mm512_unpacklo_ps(m[i], m[i + 1]), high = _mm512_unpackhi_ps(m[i], m[i + 1]);
        const __m512 other_low = _mm512_unpacklo_ps(m[i + 2], m[i + 3]);
        const __m512 other_high = _mm512_unpackhi_ps(m[i + 2], m[i + 3]);
        t[i] = pairs_low(low, other_low);
        t[i + 1] = pairs_high(low, other_low);
        t[i + 2] = pairs_low(high, other_high);
        t[i + 3] = pairs_high(high, other_high);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        const __m512 low = _mm512_shuffle_f32x4(t[i], t[i + 4], 0x44), high = _mm512_shuffle_f32x4(t[i], t[i + 4], 0xEE);
        const __m512 other_low = _mm512_shuffle_f32x4(t[i + 8], t[i + 12], 0x44);
        const __m512 other_high = _mm512_shuffle_f32x4(t[i + 8], t[i + 12], 0xEE);
        m[i] = _mm512_shuffle_f32x4(low, other_low, 0x88);
        m[i + 4] = _mm512_shuffle_f32x4(low, other_low, 0xDD);
        m[i + 8] = _mm512_shuffle_f32x4(high, other_high, 0x88);
        m[i + 12] = _mm512_shuffle_f32x4(high, other_high, 0xDD);
    }
}

#endif
