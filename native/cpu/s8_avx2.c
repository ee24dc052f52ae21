// int8 with AVX2, which multiplies unsigned bytes with signed ones and adds two products in sixteen bits, where they may
// not fit. |w| is at most 128 and x with the sign of w at most 127: two such products are at most 32512, and fit.
#include "pack_avx2.h"

static inline __m256i madd(__m256i sums, __m256i x, __m256i w) {
    __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_sign_epi8(x, w));
    return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

#define NAME(x) x##_ymm
#define VECTOR __m256i
#define LANES 8
#define ZERO _mm256_setzero_si256
#define INPUT __m256i
#define LOAD(p) _mm256_loadu_si256((const __m256i *) (p))
#define WEIGHT __m256i
#define BROADCAST(p) _mm256_set1_epi32(int_at(p))
#define MADD madd
#define STORE store_s8
#define WIDE 8
#define NARROW 4
#include "gemm.h"

void bert4j_pack_s8_avx2(const float *x, int depth, int lanes, void *q, float *scales) {
    pack_s8(x, depth, lanes, q, scales, 0);
}

void bert4j_gemm_s8_avx2(const void *w, int64_t step, int rows, int depth, const float *w_scales, const int32_t *sums,
        const void *q, const float *x_scales, int lanes, int used, float *y) {
    const struct product p = {.w = w, .step = step, .rows = rows, .depth = depth, .width = 1, .x = q, .lanes = lanes,
        .y = y, .w_scales = w_scales, .sums = sums, .x_scales = x_scales};
    gemm_ymm(&p, used);
}
