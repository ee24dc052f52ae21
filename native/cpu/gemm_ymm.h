// The product in fp32 with vectors of eight lanes, as functions of `ymm` or of another NAME; included once for each.
// YMM_WIDE and YMM_NARROW are rows side by side, as many as the registers are for.
#include "product.h"

#include <immintrin.h>

#ifndef NAME
#define NAME(x) x##_ymm
#endif
#define VECTOR __m256
#define LANES 8
#define ZERO _mm256_setzero_ps
#define INPUT __m256
#define LOAD(p) _mm256_loadu_ps((const float *) (p))
#define WEIGHT __m256
#define BROADCAST(p) _mm256_set1_ps(float_at(p))
#define MADD(sum, x, w) _mm256_fmadd_ps(w, x, sum)
#define STORE(p, sum, row, lane) _mm256_storeu_ps((p)->y + (int64_t) (row) * (p)->lanes + (lane), sum)
#define NEXT(p) (p)->next
#define WIDE YMM_WIDE
#define NARROW YMM_NARROW
#include "gemm.h"
