// fp32 with NEON: vectors of four lanes, thirty-two registers.
#include "product.h"

#include <arm_neon.h>

#define NAME(x) x##_neon
#define VECTOR float32x4_t
#define LANES 4
#define ZERO() vdupq_n_f32(0)
#define INPUT float32x4_t
#define LOAD(p) vld1q_f32((const float *) (p))
#define WEIGHT float
#define BROADCAST float_at
#define MADD(sum, x, w) vfmaq_n_f32(sum, x, w)
#define STORE(p, sum, row, lane) vst1q_f32((p)->y + (int64_t) (row) * (p)->lanes + (lane), sum)
#define WIDE 8
#define NARROW 8
#include "gemm.h"

void bert4j_gemm_f32_neon(const void *w, int64_t step, int rows, int depth, const float *x, int lanes, int used,
        float *y) {
    const struct product p = {.w = w, .step = step, .rows = rows, .depth = depth, .width = 4, .x = (const char *) x,
        .lanes = lanes, .y = y};
    gemm_neon(&p, used);
}
