// bf16 with the dot products of ARM, which add two products to fp32.
#include "pack_neon.h"

// Four values as bf16 in the upper half of 32 bits; what is below is left over.
static inline uint32x4_t bf16_above(float32x4_t x) {
    uint32x4_t bits = vreinterpretq_u32_f32(x);
    uint32x4_t odd = vandq_u32(vshrq_n_u32(bits, 16), vdupq_n_u32(1));
    uint32x4_t even = vaddq_u32(bits, vaddq_u32(odd, vdupq_n_u32(0x7FFF)));
    return vbslq_u32(vceqq_f32(x, x), even, vorrq_u32(bits, vdupq_n_u32(0x400000)));
}

// In [pair of k][lane][k].
void bert4j_pack_bf16_bf16(const float *x, int depth, int lanes, void *q) {
    for (int k = 0; k < depth; k += 2) {
        for (int lane = 0; lane < lanes; lane += 4) {
            const float *at = x + (int64_t) k * lanes + lane;
            uint32x4_t low = vshrq_n_u32(bf16_above(vld1q_f32(at)), 16);
            uint32x4_t high = k + 1 < depth
                    ? vandq_u32(bf16_above(vld1q_f32(at + lanes)), vdupq_n_u32(0xFFFF0000)) : vdupq_n_u32(0);
            vst1q_u32((uint32_t *) q + (int64_t) (k / 2) * lanes + lane, vorrq_u32(low, high));
        }
    }
}

#define NAME(x) x##_neon
#define VECTOR float32x4_t
#define LANES 4
#define ZERO() vdupq_n_f32(0)
#define INPUT bfloat16x8_t
#define LOAD(p) vreinterpretq_bf16_u32(vld1q_u32((const uint32_t *) (p)))
#define WEIGHT bfloat16x8_t
#define BROADCAST(p) vreinterpretq_bf16_s32(vdupq_n_s32(int_at(p)))
#define MADD vbfdotq_f32
#define STORE(p, sum, row, lane) vst1q_f32((p)->y + (int64_t) (row) * (p)->lanes + (lane), sum)
#define WIDE 8
#define NARROW 8
#include "gemm.h"

void bert4j_gemm_bf16_bf16(const void *w, int64_t step, int rows, int depth, const void *q, int lanes, int used,
        float *y) {
    const struct product p = {.w = w, .step = step, .rows = rows, .depth = depth, .width = 2, .x = q, .lanes = lanes,
        .y = y};
    gemm_neon(&p, used);
}
