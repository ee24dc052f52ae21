// fp32 with NEON: vectors of four lanes, thirty-two registers.
#include "product.h"
#include "functions.h"

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
#define NEXT(p) (p)->next
#define WIDE 8
#define NARROW 8
#include "gemm.h"

static inline float32x4_t greater_neon(float32x4_t a, float32x4_t b) {
    return vbslq_f32(vcgtq_f32(a, b), a, b);
}

static inline float32x4_t smaller_neon(float32x4_t a, float32x4_t b) {
    return vbslq_f32(vcltq_f32(a, b), a, b);
}

static inline float32x4_t power_neon(float32x4_t x) {
    return vreinterpretq_f32_s32(vaddq_s32(vshlq_n_s32(vreinterpretq_s32_f32(x), 23), vdupq_n_s32(ONE_BITS)));
}

// The four bytes of each number.
static inline uint8x16_t find_neon(float32x4_t x) {
    const uint32x4_t places = vandq_u32(vreinterpretq_u32_f32(x), vdupq_n_u32(PIECES - 1));
    return vreinterpretq_u8_u32(vmlaq_n_u32(vdupq_n_u32(0x03020100), places, 0x04040404));
}

#define NAME(x) x##_neon
#define VECTOR float32x4_t
#define LANES 4
#define LOAD vld1q_f32
#define STORE vst1q_f32
#define SET1(x) vdupq_n_f32(x)
#define FMA(a, b, c) vfmaq_f32(c, a, b)
#define GREATER greater_neon
#define SMALLER smaller_neon
#define ABS vabsq_f32
#define SQRT vsqrtq_f32
#define WHERE_BELOW(x, limit, y, z) vbslq_f32(vcltq_f32(x, vdupq_n_f32(limit)), y, z)
#define POWER power_neon
#define PLACES uint8x16_t
#define FIND find_neon
#define PICK(table, places) vreinterpretq_f32_u8(vqtbl4q_u8(vld1q_u8_x4((const uint8_t *) (table)), places))
#define ANY_FROM(x, limit) (vminvq_u32(vcltq_f32(x, vdupq_n_f32(limit))) == 0)
#define ROWS 8
#include "vectors.h"

void bert4j_gemm_f32_neon(const void *w, int64_t step, int rows, int depth, const float *x, int lanes, int used,
        float *y, const float *next) {
    const struct product p = {.w = w, .step = step, .rows = rows, .depth = depth, .width = 4, .x = (const char *) x,
        .lanes = lanes, .y = y, .next = (const char *) next};
    gemm_neon(&p, used);
}

void bert4j_attention_f32_neon(const float *q, int lanes, int used, const float *k, const float *v, int64_t panel,
        int kv_lanes, int first, int keys, int size, float scale, const float *mask, float factor, float *context) {
    const struct attention a = {q, lanes, k, v, panel, kv_lanes, first, keys, size, scale, mask, factor, context};
    attention_neon(&a, used);
}

void bert4j_add_f32_neon(float *y, int lanes, int rows, int used, const float *bias, const float *residual) {
    add_neon(y, lanes, rows, used, bias, residual);
}

void bert4j_gelu_f32_neon(float *y, int lanes, int rows, int used, const float *bias) {
    gelu_neon(y, lanes, rows, used, bias);
}

void bert4j_tanh_f32_neon(float *y, int lanes, int rows, int used, const float *bias) {
    tanh_neon(y, lanes, rows, used, bias);
}

void bert4j_short_gelu_f32_neon(float *y, int lanes, int rows, int used, const float *bias) {
    short_gelu_neon(y, lanes, rows, used, bias);
}

void bert4j_norm_f32_neon(const float *x, float *y, int lanes, int features, int used, const float *weight,
        const float *bias, float eps) {
    norm_neon(x, y, lanes, features, used, weight, bias, eps);
}

void bert4j_rest_f32_neon(const float *x, int depth, int lanes, float *rest, int beside) {
    rest_neon(x, depth, lanes, rest, beside);
}

void bert4j_scale_f32_neon(const float *x, int depth, int lanes, const float *factors, float *y) {
    scale_neon(x, depth, lanes, factors, y);
}

void bert4j_fold_f32_neon(const float *x, int lanes, int rows, float *y) {
    fold_neon(x, lanes, rows, y);
}

static inline void eight_bf16(const char *p, float *to) {
    const uint16x8_t halves = vreinterpretq_u16_u8(vld1q_u8((const uint8_t *) p));
    vst1q_f32(to, vreinterpretq_f32_u32(vshll_n_u16(vget_low_u16(halves), 16)));
    vst1q_f32(to + 4, vreinterpretq_f32_u32(vshll_n_u16(vget_high_u16(halves), 16)));
}

static inline void eight_f16(const char *p, float *to) {
    const float16x8_t halves = vreinterpretq_f16_u8(vld1q_u8((const uint8_t *) p));
    vst1q_f32(to, vcvt_f32_f16(vget_low_f16(halves)));
    vst1q_f32(to + 4, vcvt_f32_f16(vget_high_f16(halves)));
}

static inline void eight_s8(const char *p, float scale, float *to) {
    const int16x8_t integers = vmovl_s8(vld1_s8((const int8_t *) p));
    vst1q_f32(to, vmulq_n_f32(vcvtq_f32_s32(vmovl_s16(vget_low_s16(integers))), scale));
    vst1q_f32(to + 4, vmulq_n_f32(vcvtq_f32_s32(vmovl_s16(vget_high_s16(integers))), scale));
}

static inline void eight_scaled(const char *p, float scale, const float *columns, float *to) {
    eight_s8(p, scale, to);
    vst1q_f32(to, vmulq_f32(vld1q_f32(to), vld1q_f32(columns)));
    vst1q_f32(to + 4, vmulq_f32(vld1q_f32(to + 4), vld1q_f32(columns + 4)));
}

#define NAME(x) x##_neon
#define EIGHT_BF16 eight_bf16
#define EIGHT_F16 eight_f16
#define EIGHT_S8 eight_s8
#define EIGHT_SCALED eight_scaled
#include "widen.h"

void bert4j_widen_neon(const void *w, int stored, int rows, int depth, const float *scales, const float *columns,
        float *to) {
    widen_neon(w, stored, rows, depth, scales, columns, to);
}
