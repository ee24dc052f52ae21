// fp32 with AVX2: vectors of eight lanes, sixteen registers.
#include "product.h"

#include <immintrin.h>

#define NAME(x) x##_ymm
#define VECTOR __m256
#define LANES 8
#define ZERO _mm256_setzero_ps
#define INPUT __m256
#define LOAD(p) _mm256_loadu_ps((const float *) (p))
#define WEIGHT __m256
#define BROADCAST(p) _mm256_set1_ps(float_at(p))
#define MADD(sum, x, w) _mm256_fmadd_ps(w, x, sum)
#define STORE(p, sum, row, lane) _mm256_storeu_ps((p)->y + (int64_t) (row) * (p)->lanes + (lane), sum)
#define WIDE 6
#define NARROW 6
#include "gemm.h"

void bert4j_gemm_f32_avx2(const void *w, int64_t step, int rows, int depth, const float *x, int lanes, int used,
        float *y) {
    const struct product p = {.w = w, .step = step, .rows = rows, .depth = depth, .width = 4,
        .x = (const char *) x, .lanes = lanes, .y = y};
    gemm_ymm(&p, used);
}
