// int8 with the dot products of ARM: four products of signed bytes are added to 32 bits.
#include "pack_neon.h"

#define NAME(x) x##_neon
#define VECTOR int32x4_t
#define LANES 4
#define ZERO() vdupq_n_s32(0)
#define INPUT int8x16_t
#define LOAD(p) vld1q_s8((const int8_t *) (p))
#define WEIGHT int8x16_t
#define BROADCAST(p) vreinterpretq_s8_s32(vdupq_n_s32(int_at(p)))
#define MADD vdotq_s32
#define STORE store_s8
#define WIDE 8
#define NARROW 8
#include "gemm.h"

void bert4j_pack_s8_dotprod(const float *x, int depth, int lanes, void *q, float *scales) {
    pack_s8(x, depth, lanes, q, scales, 4);
}

void bert4j_gemm_s8_dotprod(const void *w, int64_t step, int rows, int depth, const float *w_scales,
        const struct bert4j_row *known, const void *q, const float *x_scales, int lanes, int used, float *y) {
    const struct product p = {.w = w, .step = step, .rows = rows, .depth = depth, .width = 1, .x = q, .lanes = lanes,
        .y = y, .w_scales = w_scales, .known = known, .x_scales = x_scales};
    gemm_neon(&p, used);
}
