// Panels in fewer bits, with NEON.
#ifndef BERT4J_PACK_NEON_H
#define BERT4J_PACK_NEON_H

#include "product.h"

#include <arm_neon.h>

// As bert4j.h defines it, in [group of `group` k][lane][k], with groups up to a multiple of 64 k.
static inline void pack_s8(const float *x, int depth, int lanes, void *q, float *scales, const int group) {
    int8_t *bytes = q;
    memset(q, 0, (size_t) lanes * ((depth + 63) / 64 * 64));
    for (int lane = 0; lane < lanes; lane += 4) {
        // Magnitudes are ordered as their bits are, infinity and NaN above all numbers.
        uint32x4_t bits = vdupq_n_u32(0);
        for (int k = 0; k < depth; k++) {
            uint32x4_t value = vreinterpretq_u32_f32(vld1q_f32(x + (int64_t) k * lanes + lane));
            bits = vmaxq_u32(bits, vandq_u32(value, vdupq_n_u32(0x7FFFFFFF)));
        }
        float32x4_t greatest = vreinterpretq_f32_u32(bits);
        uint32x4_t finite = vcltq_u32(bits, vdupq_n_u32(0x7F800000));
        uint32x4_t some = vandq_u32(finite, vcgeq_f32(greatest, vdupq_n_f32(0x1p-100f)));
        float32x4_t inverse = vdivq_f32(vdupq_n_f32(127), greatest);
        uint32x4_t scale = vandq_u32(some, vreinterpretq_u32_f32(vdivq_f32(greatest, vdupq_n_f32(127))));
        vst1q_f32(scales + lane, vreinterpretq_f32_u32(vornq_u32(scale, finite)));
        for (int k = 0; k < depth; k++) {
            float32x4_t value = vmulq_f32(vld1q_f32(x + (int64_t) k * lanes + lane), inverse);
            // Of a token that is broken or has nothing, x times 0 may be NaN.
            int32x4_t rounded = vandq_s32(vcvtnq_s32_f32(value), vreinterpretq_s32_u32(some));
            int8_t *to = bytes + ((int64_t) (k / group) * lanes + lane) * group + k % group;
            to[0] = (int8_t) vgetq_lane_s32(rounded, 0);
            to[group] = (int8_t) vgetq_lane_s32(rounded, 1);
            to[2 * group] = (int8_t) vgetq_lane_s32(rounded, 2);
            to[3 * group] = (int8_t) vgetq_lane_s32(rounded, 3);
        }
    }
}

// The sums of int8 as they are stored, of four lanes.
static inline void store_s8(const struct product *p, int32x4_t sums, int row, int lane) {
    float32x4_t scale = vmulq_n_f32(vld1q_f32(p->x_scales + lane), p->w_scales[row]);
    vst1q_f32(p->y + (int64_t) row * p->lanes + lane, vmulq_f32(vcvtq_f32_s32(sums), scale));
}

#endif
