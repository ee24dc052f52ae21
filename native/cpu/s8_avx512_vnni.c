// int8 with AVX512-VNNI: vectors of sixteen lanes, and of eight for panels of few tokens.
#define DPBUSD _mm256_dpbusd_epi32
#define YMM_NARROW 6
#include "s8_vnni.h"
#include "pack_avx512.h"

static inline void store_zmm(const struct product *p, __m512i sums, int row, int lane) {
    __m512 scale = _mm512_mul_ps(_mm512_loadu_ps(p->x_scales + lane), _mm512_set1_ps(p->w_scales[row]));
    __m512i exact = _mm512_sub_epi32(sums, _mm512_set1_epi32(128 * p->known[row].sum));
    _mm512_storeu_ps(p->y + (int64_t) row * p->lanes + lane, _mm512_mul_ps(_mm512_cvtepi32_ps(exact), scale));
}

#define NAME(x) x##_zmm
#define VECTOR __m512i
#define LANES 16
#define ZERO _mm512_setzero_si512
#define INPUT __m512i
#define LOAD(p) _mm512_loadu_si512(p)
#define WEIGHT __m512i
#define BROADCAST(p) _mm512_set1_epi32(int_at(p))
#define MADD _mm512_dpbusd_epi32
#define STORE store_zmm
#define WIDE 8
#define NARROW 8
#include "gemm.h"

void bert4j_pack_s8_avx512_vnni(const float *x, int depth, int lanes, void *q, float *scales) {
    pack_s8_avx512(x, depth, lanes, q, scales, 0x80);
}

void bert4j_gemm_s8_avx512_vnni(const void *w, int64_t step, int rows, int depth, const float *w_scales,
        const struct bert4j_row *known, const void *q, const float *x_scales, int lanes, int used, float *y) {
    const struct product p = {.w = w, .step = step, .rows = rows, .depth = depth, .width = 1, .x = q, .lanes = lanes,
        .y = y, .w_scales = w_scales, .known = known, .x_scales = x_scales};
    if (lanes % 16 == 0) {
        gemm_zmm(&p, used);
    } else {
        gemm_ymm(&p, used);
    }
}
