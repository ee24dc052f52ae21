// int8 with the matrix products of ARM: eight k of two rows by eight k of two tokens, added to two by two sums.
#include "pack_neon.h"

// Eight k of two rows; what is behind the end of a row, or a second row that is not there, is 0.
static inline int8x16_t two_rows(const char *first, const char *second, int left) {
    if (left >= 8 && second) {
        return vcombine_s8(vld1_s8((const int8_t *) first), vld1_s8((const int8_t *) second));
    }
    int8_t bytes[16] = {0};
    memcpy(bytes, first, left < 8 ? left : 8);
    if (second) {
        memcpy(bytes + 8, second, left < 8 ? left : 8);
    }
    return vld1q_s8(bytes);
}

// Two times `pairs` rows by four tokens.
static inline __attribute__((always_inline)) void tile(const struct product *p, int row, int lane, const int pairs,
        int odd) {
    int32x4_t sums[4][2];
#pragma GCC unroll 4
    for (int r = 0; r < pairs; r++) {
        sums[r][0] = sums[r][1] = vdupq_n_s32(0);
    }
    for (int k = 0; k < p->depth; k += 8) {
        const char *x = p->x + ((int64_t) (k / 8) * p->lanes + lane) * 8;
        const int8x16_t x0 = vld1q_s8((const int8_t *) x), x1 = vld1q_s8((const int8_t *) x + 16);
#pragma GCC unroll 4
        for (int r = 0; r < pairs; r++) {
            const char *w = p->w + (row + 2 * r) * p->step + k;
            const int8x16_t weights = two_rows(w, odd ? 0 : w + p->step, p->depth - k);
            sums[r][0] = vmmlaq_s32(sums[r][0], weights, x0);
            sums[r][1] = vmmlaq_s32(sums[r][1], weights, x1);
        }
    }
#pragma GCC unroll 4
    for (int r = 0; r < pairs; r++) {
        const int64x2_t left = vreinterpretq_s64_s32(sums[r][0]), right = vreinterpretq_s64_s32(sums[r][1]);
        store_s8(p, vreinterpretq_s32_s64(vzip1q_s64(left, right)), row + 2 * r, lane);
        if (!odd) {
            store_s8(p, vreinterpretq_s32_s64(vzip2q_s64(left, right)), row + 2 * r + 1, lane);
        }
    }
}

void bert4j_pack_s8_i8mm(const float *x, int depth, int lanes, void *q, float *scales) {
    pack_s8(x, depth, lanes, q, scales, 8);
}

void bert4j_gemm_s8_i8mm(const void *w, int64_t step, int rows, int depth, const float *w_scales,
        const struct bert4j_row *known, const void *q, const float *x_scales, int lanes, int used, float *y) {
    const struct product p = {.w = w, .step = step, .rows = rows, .depth = depth, .width = 1, .x = q, .lanes = lanes,
        .y = y, .w_scales = w_scales, .known = known, .x_scales = x_scales};
    for (int lane = 0; lane < used; lane += 4) {
        int row = 0;
        for (; row + 8 <= rows; row += 8) {
            tile(&p, row, lane, 4, 0);
        }
        for (; row + 2 <= rows; row += 2) {
            tile(&p, row, lane, 1, 0);
        }
        if (row < rows) {
            tile(&p, row, lane, 1, 1);
        }
    }
}
