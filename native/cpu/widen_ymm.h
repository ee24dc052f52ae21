// Widening with vectors of eight lanes.
#include "product.h"

#include <immintrin.h>

static inline __m256 eight_s8(const char *p, float scale) {
    return _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *) p))),
            _mm256_set1_ps(scale));
}

#define NAME(x) x##_ymm
#define EIGHT_BF16(p, to)                                                                                              \
    _mm256_storeu_ps(to, _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(                                  \
            _mm_loadu_si128((const __m128i *) (p))), 16)))
#define EIGHT_F16(p, to) _mm256_storeu_ps(to, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *) (p))))
#define EIGHT_S8(p, scale, to) _mm256_storeu_ps(to, eight_s8(p, scale))
#define EIGHT_SCALED(p, scale, columns, to)                                                                            \
    _mm256_storeu_ps(to, _mm256_mul_ps(eight_s8(p, scale), _mm256_loadu_ps(columns)))
#include "widen.h"
