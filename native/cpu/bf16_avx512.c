// bf16 with AVX512-BF16, which adds two products to fp32.
#include "pack_avx2.h"

#define NAME(x) x##_zmm
#define VECTOR __m512
#define LANES 16
#define ZERO _mm512_setzero_ps
#define INPUT __m512i
#define LOAD(p) _mm512_loadu_si512(p)
#define WEIGHT __m512i
#define BROADCAST(p) _mm512_set1_epi32(int_at(p))
#define MADD(sum, x, w) _mm512_dpbf16_ps(sum, (__m512bh) (x), (__m512bh) (w))
#define STORE(p, sum, row, lane) _mm512_storeu_ps((p)->y + (int64_t) (row) * (p)->lanes + (lane), sum)
#define WIDE 8
#define NARROW 8
#include "gemm.h"

#define NAME(x) x##_ymm
#define VECTOR __m256
#define LANES 8
#define ZERO _mm256_setzero_ps
#define INPUT __m256i
#define LOAD(p) _mm256_loadu_si256((const __m256i *) (p))
#define WEIGHT __m256i
#define BROADCAST(p) _mm256_set1_epi32(int_at(p))
#define MADD(sum, x, w) _mm256_dpbf16_ps(sum, (__m256bh) (x), (__m256bh) (w))
#define STORE(p, sum, row, lane) _mm256_storeu_ps((p)->y + (int64_t) (row) * (p)->lanes + (lane), sum)
#define WIDE 8
#define NARROW 8
#include "gemm.h"

void bert4j_pack_bf16_avx512_bf16(const float *x, int depth, int lanes, void *q) {
    pack_bf16(x, depth, lanes, q);
}

void bert4j_gemm_bf16_avx512_bf16(const void *w, int64_t step, int rows, int depth, const void *q, int lanes, int used,
        float *y) {
    const struct product p = {.w = w, .step = step, .rows = rows, .depth = depth, .width = 2, .x = q, .lanes = lanes,
        .y = y};
    if (lanes % 16 == 0) {
        gemm_zmm(&p, used);
    } else {
        gemm_ymm(&p, used);
    }
}
