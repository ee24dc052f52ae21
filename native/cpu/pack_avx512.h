// Panels as bytes with AVX-512, sixteen lanes at a time; others as pack_avx2.h has it.
#ifndef BERT4J_PACK_AVX512_H
#define BERT4J_PACK_AVX512_H

#include "pack_avx2.h"

// Four k of sixteen lanes as bytes, lane by lane; what lies behind the end of the panel is 0.
static inline __attribute__((always_inline)) __m512i quad_s8_zmm(const float *x, int64_t lanes, const int count,
        __m512 inverse) {
    __m512i q[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        q[i] = i < count ? _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(x + i * lanes), inverse))
                : _mm512_setzero_si512();
    }
    __m512i quad = _mm512_mask_mov_epi8(q[0], 0x2222222222222222, _mm512_slli_epi32(q[1], 8));
    quad = _mm512_mask_mov_epi8(quad, 0x4444444444444444, _mm512_slli_epi32(q[2], 16));
    return _mm512_mask_mov_epi8(quad, 0x8888888888888888, _mm512_slli_epi32(q[3], 24));
}

static inline __attribute__((always_inline)) void pack_vectors(const float *x, int depth, int lanes, char *q,
        float *scales, int flip, const int vectors) {
    const __m512 infinity = _mm512_set1_ps(__builtin_inff());
    const __m512i turned = _mm512_set1_epi8((char) flip);
    __m512i bits[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
    for (int k = 0; k < depth; k++) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            __m512i value = _mm512_loadu_si512(x + (int64_t) k * lanes + 16 * v);
            bits[v] = _mm512_max_epu32(bits[v], _mm512_and_si512(value, _mm512_set1_epi32(0x7FFFFFFF)));
        }
    }
    __m512 inverse[2];
    __mmask16 some[2];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
        __m512 greatest = _mm512_castsi512_ps(bits[v]);
        __mmask16 finite = _mm512_cmp_ps_mask(greatest, infinity, _CMP_LT_OQ);
        some[v] = finite & _mm512_cmp_ps_mask(greatest, _mm512_set1_ps(0x1p-100f), _CMP_GE_OQ);
        inverse[v] = _mm512_maskz_div_ps(some[v], _mm512_set1_ps(127), greatest);
        __m512 scale = _mm512_maskz_div_ps(some[v], greatest, _mm512_set1_ps(127));
        _mm512_storeu_ps(scales + 16 * v, _mm512_mask_mov_ps(_mm512_set1_ps(__builtin_nanf("")), finite, scale));
    }
    const int groups = (depth + 63) / 64 * 16;
    for (int group = 0; group < groups; group++) {
        const int left = depth - 4 * group;
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            const float *at = x + 4 * (int64_t) group * lanes + 16 * v;
            __m512i quad = left >= 4 ? quad_s8_zmm(at, lanes, 4, inverse[v])
                    : left == 3 ? quad_s8_zmm(at, lanes, 3, inverse[v])
                    : left == 2 ? quad_s8_zmm(at, lanes, 2, inverse[v])
                    : left == 1 ? quad_s8_zmm(at, lanes, 1, inverse[v]) : _mm512_setzero_si512();
            // Of a token that is broken or has nothing, x times 0 may be NaN.
            quad = _mm512_xor_si512(_mm512_maskz_mov_epi32(some[v], quad), turned);
            _mm512_storeu_si512(q + 4 * ((int64_t) group * lanes + 16 * v), quad);
        }
    }
}

// As pack_s8, whose layout it has.
static inline void pack_s8_avx512(const float *x, int depth, int lanes, void *q, float *scales, int flip) {
    if (lanes % 16) {
        pack_s8(x, depth, lanes, q, scales, flip);
        return;
    }
    int lane = 0;
    for (; lane + 32 <= lanes; lane += 32) {
        pack_vectors(x + lane, depth, lanes, (char *) q + 4 * lane, scales + lane, flip, 2);
    }
    if (lane < lanes) {
        pack_vectors(x + lane, depth, lanes, (char *) q + 4 * lane, scales + lane, flip, 1);
    }
}

#endif
