// The kernels in plain C: what they compute, and what a processor runs that has no better ones.
#include "softmax.h"

#include <math.h>

void bert4j_gemm_f32_portable(const void *w, int64_t step, int rows, int depth, const float *x, int lanes, int used,
        float *y) {
    for (int n = 0; n < rows; n++) {
        const char *row = (const char *) w + n * step;
        for (int lane = 0; lane < used; lane++) {
            float sum = 0;
            for (int k = 0; k < depth; k++) {
                float weight;
                memcpy(&weight, row + 4 * (int64_t) k, 4);
                sum = fmaf(weight, x[(int64_t) k * lanes + lane], sum);
            }
            y[(int64_t) n * lanes + lane] = sum;
        }
    }
}

static float exponential(float x) {
    float shifted = fmaf(x, LOG2_E, ROUND);
    float n = shifted - ROUND;
    float r = fmaf(n, -LN2_LOW, fmaf(n, -LN2_HIGH, x));
    float q = fmaf(r, E5, E4);
    q = fmaf(q, r, E3);
    q = fmaf(q, r, E2);
    q = fmaf(q, r, E1);
    q = fmaf(q, r, E0);
    q = fmaf(r * r, q, r);
    uint32_t bits;
    memcpy(&bits, &shifted, 4);
    bits = (bits << 23) + ONE_BITS;
    float power;
    memcpy(&power, &bits, 4);
    return x < EXP_MIN ? 0 : (q + 1) * power;
}

// One query, in its lane.
static void attend(const struct attention *a, int lane) {
    float scores[KEY_BLOCK];
    float maximum = -FLT_MAX, sum = 0;
    for (int d = 0; d < a->size; d++) {
        a->context[(int64_t) d * a->lanes + lane] = 0;
    }
    for (int block = 0; block < a->keys; block += KEY_BLOCK) {
        float before = maximum, added = 0;
        int count = a->keys - block < KEY_BLOCK ? a->keys - block : KEY_BLOCK;
        for (int j = 0; j < count; j++) {
            int token = a->first + block + j;
            const float *k = a->k + token / a->kv_lanes * a->panel + token % a->kv_lanes;
            float score = 0;
            for (int d = 0; d < a->size; d++) {
                score = fmaf(k[(int64_t) d * a->kv_lanes], a->q[(int64_t) d * a->lanes + lane], score);
            }
            scores[j] = fmaf(score, a->scale, a->mask ? a->mask[block + j] : 0);
            maximum = scores[j] > maximum ? scores[j] : maximum;
        }
        for (int j = 0; j < count; j++) {
            scores[j] = exponential(scores[j] - maximum);
            added += scores[j];
        }
        float factor = exponential(before - maximum);
        sum = fmaf(sum, factor, added);
        for (int d = 0; d < a->size; d++) {
            float *context = a->context + (int64_t) d * a->lanes + lane;
            *context = block > 0 ? *context * factor : 0;
            for (int j = 0; j < count; j++) {
                int token = a->first + block + j;
                *context = fmaf(a->v[token / a->kv_lanes * a->panel + (int64_t) d * a->kv_lanes + token % a->kv_lanes],
                        scores[j], *context);
            }
        }
    }
    float factor = 1 / sum * a->factor;
    for (int d = 0; d < a->size; d++) {
        a->context[(int64_t) d * a->lanes + lane] *= factor;
    }
}

void bert4j_attention_f32_portable(const float *q, int lanes, int used, const float *k, const float *v, int64_t panel,
        int kv_lanes, int first, int keys, int size, float scale, const float *mask, float factor, float *context) {
    const struct attention a = {q, lanes, k, v, panel, kv_lanes, first, keys, size, scale, mask, factor, context};
    for (int lane = 0; lane < used; lane++) {
        attend(&a, lane);
    }
}

void bert4j_attend_f32(bert4j_attention_f32 *attention, const float *q, int lanes, int used, const float *k,
        const float *v, int64_t panel, int kv_lanes, int first, int keys, int size, float scale, const float *mask,
        float factor, float *context) {
    attention(q, lanes, used, k, v, panel, kv_lanes, first, keys, size, scale, mask, factor, context);
}

// q is [depth][lanes].
void bert4j_pack_s8_portable(const float *x, int depth, int lanes, void *q, float *scales) {
    int8_t *bytes = q;
    for (int lane = 0; lane < lanes; lane++) {
        float greatest = 0;
        int finite = 1;
        for (int k = 0; k < depth; k++) {
            float value = fabsf(x[(int64_t) k * lanes + lane]);
            finite &= isfinite(value) != 0;
            greatest = value > greatest ? value : greatest;
        }
        int some = finite && greatest >= 0x1p-100f;
        float inverse = some ? 127.0f / greatest : 0;
        scales[lane] = !finite ? NAN : some ? greatest / 127.0f : 0;
        for (int k = 0; k < depth; k++) {
            bytes[(int64_t) k * lanes + lane] = some ? (int8_t) nearbyintf(x[(int64_t) k * lanes + lane] * inverse) : 0;
        }
    }
}

void bert4j_gemm_s8_portable(const void *w, int64_t step, int rows, int depth, const float *w_scales,
        const int32_t *sums, const void *q, const float *x_scales, int lanes, int used, float *y) {
    (void) sums;
    const int8_t *bytes = q;
    for (int n = 0; n < rows; n++) {
        const int8_t *row = (const int8_t *) w + n * step;
        for (int lane = 0; lane < used; lane++) {
            int32_t sum = 0;
            for (int k = 0; k < depth; k++) {
                sum += row[k] * bytes[(int64_t) k * lanes + lane];
            }
            y[(int64_t) n * lanes + lane] = (float) sum * (x_scales[lane] * w_scales[n]);
        }
    }
}

void bert4j_sums_s8(const void *w, int64_t step, int rows, int depth, int32_t *sums) {
    for (int n = 0; n < rows; n++) {
        const int8_t *row = (const int8_t *) w + n * step;
        int32_t sum = 0;
        for (int k = 0; k < depth; k++) {
            sum += row[k];
        }
        sums[n] = sum;
    }
}

static uint16_t rounded(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    if (value != value) {
        return (uint16_t) (bits >> 16 | 0x40);
    }
    return (uint16_t) ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

static float widened(uint16_t half) {
    uint32_t bits = (uint32_t) half << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

// q is [depth][lanes].
void bert4j_pack_bf16_portable(const float *x, int depth, int lanes, void *q) {
    uint16_t *halves = q;
    for (int64_t i = 0; i < (int64_t) depth * lanes; i++) {
        halves[i] = rounded(x[i]);
    }
}

// One chain of fused multiply-adds, with k ascending.
void bert4j_gemm_bf16_portable(const void *w, int64_t step, int rows, int depth, const void *q, int lanes, int used,
        float *y) {
    const uint16_t *halves = q;
    for (int n = 0; n < rows; n++) {
        const char *row = (const char *) w + n * step;
        for (int lane = 0; lane < used; lane++) {
            float sum = 0;
            for (int k = 0; k < depth; k++) {
                uint16_t weight;
                memcpy(&weight, row + 2 * (int64_t) k, 2);
                sum = fmaf(widened(weight), widened(halves[(int64_t) k * lanes + lane]), sum);
            }
            y[(int64_t) n * lanes + lane] = sum;
        }
    }
}
