// Panels in fewer bits, with AVX2: a few operations a value, against hundreds in the product that follows.
#ifndef BERT4J_PACK_AVX2_H
#define BERT4J_PACK_AVX2_H

#include "product.h"

#include <immintrin.h>

// So many k of eight lanes, four at most, as bytes, lane by lane; those that are missing are 0.
static inline __attribute__((always_inline)) __m256i quad_s8(const float *x, int64_t lanes, const int count,
        __m256 inverse) {
    __m256i quad = _mm256_setzero_si256();
#pragma GCC unroll 4
    for (int i = 0; i < count; i++) {
        __m256i q = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + i * lanes), inverse));
        quad = _mm256_or_si256(quad, _mm256_slli_epi32(_mm256_and_si256(q, _mm256_set1_epi32(255)), 8 * i));
    }
    return quad;
}

// As bert4j.h defines it, in [group of four k][lane][k], with groups up to a multiple of sixteen; each byte has the bits
// of `flip` turned, 0x80 making unsigned bytes of signed ones.
static inline void pack_s8(const float *x, int depth, int lanes, void *q, float *scales, int flip) {
    const __m256 infinity = _mm256_set1_ps(__builtin_inff());
    const __m256i turned = _mm256_set1_epi8((char) flip);
    const int groups = (depth + 63) / 64 * 16;
    for (int lane = 0; lane < lanes; lane += 8) {
        // Magnitudes are ordered as their bits are, infinity and NaN above all numbers.
        __m256i bits = _mm256_setzero_si256();
        for (int k = 0; k < depth; k++) {
            __m256i value = _mm256_castps_si256(_mm256_loadu_ps(x + (int64_t) k * lanes + lane));
            bits = _mm256_max_epu32(bits, _mm256_and_si256(value, _mm256_set1_epi32(0x7FFFFFFF)));
        }
        __m256 greatest = _mm256_castsi256_ps(bits);
        __m256 some = _mm256_and_ps(_mm256_cmp_ps(greatest, infinity, _CMP_LT_OQ),
                _mm256_cmp_ps(greatest, _mm256_set1_ps(0x1p-100f), _CMP_GE_OQ));
        __m256 inverse = _mm256_and_ps(some, _mm256_div_ps(_mm256_set1_ps(127), greatest));
        __m256 scale = _mm256_and_ps(some, _mm256_div_ps(greatest, _mm256_set1_ps(127)));
        __m256 broken = _mm256_cmp_ps(greatest, infinity, _CMP_NLT_UQ);
        _mm256_storeu_ps(scales + lane, _mm256_or_ps(scale, broken));
        for (int group = 0; group < groups; group++) {
            const int k = 4 * group;
            const float *at = x + (int64_t) k * lanes + lane;
            __m256i quad = depth - k >= 4 ? quad_s8(at, lanes, 4, inverse)
                    : depth > k ? quad_s8(at, lanes, depth - k, inverse) : _mm256_setzero_si256();
            // Of a token that is broken or has nothing, x times 0 may be NaN.
            quad = _mm256_xor_si256(_mm256_and_si256(quad, _mm256_castps_si256(some)), turned);
            _mm256_storeu_si256((__m256i *) ((char *) q + 4 * ((int64_t) group * lanes + lane)), quad);
        }
    }
}

// Eight values as bf16 in the upper half of 32 bits; what is below is left over.
static inline __m256i bf16_above(__m256 x) {
    __m256i bits = _mm256_castps_si256(x);
    __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    __m256i even = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7FFF)));
    __m256i nan = _mm256_or_si256(bits, _mm256_set1_epi32(0x400000));
    return _mm256_blendv_epi8(even, nan, _mm256_castps_si256(_mm256_cmp_ps(x, x, _CMP_UNORD_Q)));
}

// As bert4j.h defines it, in [pair of k][lane][k], with pairs up to a multiple of sixteen.
static inline void pack_bf16(const float *x, int depth, int lanes, void *q) {
    const int pairs = (depth + 31) / 32 * 16;
    for (int pair = 0; pair < pairs; pair++) {
        const int k = 2 * pair;
        for (int lane = 0; lane < lanes; lane += 8) {
            const float *at = x + (int64_t) k * lanes + lane;
            __m256i low = k < depth ? _mm256_srli_epi32(bf16_above(_mm256_loadu_ps(at)), 16)
                    : _mm256_setzero_si256();
            __m256i high = k + 1 < depth
                    ? _mm256_and_si256(bf16_above(_mm256_loadu_ps(at + lanes)), _mm256_set1_epi32((int) 0xFFFF0000))
                    : _mm256_setzero_si256();
            _mm256_storeu_si256((__m256i *) ((char *) q + 4 * ((int64_t) pair * lanes + lane)),
                    _mm256_or_si256(low, high));
        }
    }
}

// The sums of int8 as they are stored, of eight lanes.
static inline void store_s8(const struct product *p, __m256i sums, int row, int lane) {
    __m256 scale = _mm256_mul_ps(_mm256_loadu_ps(p->x_scales + lane), _mm256_set1_ps(p->w_scales[row]));
    _mm256_storeu_ps(p->y + (int64_t) row * p->lanes + lane, _mm256_mul_ps(_mm256_cvtepi32_ps(sums), scale));
}

#endif
