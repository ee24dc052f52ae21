// The kernels in plain C: what they compute, and what a processor runs that has no better ones.
#include "functions.h"
#include "product.h"

#include <math.h>

void bert4j_gemm_f32_portable(const void *w, int64_t step, int rows, int depth, const float *x, int lanes, int used,
        float *y, const float *next) {
    (void) next;
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

static inline float power(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    bits = (bits << 23) + ONE_BITS;
    memcpy(&x, &bits, 4);
    return x;
}

static inline int find(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return bits & (PIECES - 1);
}

#define NAME(x) x##_of_one
#define VECTOR float
#define LANES 1
#define LOAD(p) (*(p))
#define STORE(p, x) (*(p) = (x))
#define SET1(x) ((float) (x))
#define FMA fmaf
#define GREATER(a, b) ((a) > (b) ? (a) : (b))
#define SMALLER(a, b) ((a) < (b) ? (a) : (b))
#define WHERE_BELOW(x, limit, y, z) ((x) < (limit) ? (y) : (z))
#define ABS fabsf
#define SQRT sqrtf
#define POWER power
#define PLACES int
#define FIND find
#define PICK(table, place) ((table)[place])
#define ANY_FROM(x, limit) (!((x) < (limit)))
#define ROWS 1
#include "vectors.h"

void bert4j_attention_f32_portable(const float *q, int lanes, int used, const float *k, const float *v, int64_t panel,
        int kv_lanes, int first, int keys, int size, float scale, const float *mask, float factor, float *context) {
    const struct attention a = {q, lanes, k, v, panel, kv_lanes, first, keys, size, scale, mask, factor, context};
    attention_of_one(&a, used);
}

void bert4j_add_f32_portable(float *y, int lanes, int rows, int used, const float *bias, const float *residual) {
    add_of_one(y, lanes, rows, used, bias, residual);
}

void bert4j_gelu_f32_portable(float *y, int lanes, int rows, int used, const float *bias) {
    gelu_of_one(y, lanes, rows, used, bias);
}

void bert4j_tanh_f32_portable(float *y, int lanes, int rows, int used, const float *bias) {
    tanh_of_one(y, lanes, rows, used, bias);
}

void bert4j_short_gelu_f32_portable(float *y, int lanes, int rows, int used, const float *bias) {
    short_gelu_of_one(y, lanes, rows, used, bias);
}

void bert4j_norm_f32_portable(const float *x, float *y, int lanes, int features, int used, const float *weight,
        const float *bias, float eps) {
    norm_of_one(x, y, lanes, features, used, weight, bias, eps);
}

void bert4j_rest_f32_portable(const float *x, int depth, int lanes, float *rest, int beside) {
    rest_of_one(x, depth, lanes, rest, beside);
}

void bert4j_scale_f32_portable(const float *x, int depth, int lanes, const float *factors, float *y) {
    scale_of_one(x, depth, lanes, factors, y);
}

void bert4j_fold_f32_portable(const float *x, int lanes, int rows, float *y) {
    fold_of_one(x, lanes, rows, y);
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
        const struct bert4j_row *known, const void *q, const float *x_scales, int lanes, int used, float *y) {
    (void) known;
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

// Sums and empty lists.
void bert4j_rows_s8_portable(const void *w, int64_t step, int rows, int depth, int room, struct bert4j_row *known) {
    (void) room;
    for (int n = 0; n <= rows; n++) {
        const int8_t *row = (const int8_t *) w + n * step;
        known[n].sum = 0;
        known[n].list = 2 * (rows + 1 - n);
        for (int k = 0; n < rows && k < depth; k++) {
            known[n].sum += row[k];
        }
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

void bert4j_widen_portable(const void *w, int stored, int rows, int depth, const float *scales, const float *columns,
        float *to) {
    for (int64_t i = 0; i < (int64_t) rows * depth; i++) {
        to[i] = stored == BERT4J_STORED_BF16 ? of_bf16(half_at((const char *) w + 2 * i))
                : stored == BERT4J_STORED_F16 ? of_f16(half_at((const char *) w + 2 * i))
                : (float) ((const int8_t *) w)[i] * scales[i / depth] * (columns ? columns[i % depth] : 1);
    }
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
                sum = fmaf(of_bf16(weight), of_bf16(halves[(int64_t) k * lanes + lane]), sum);
            }
            y[(int64_t) n * lanes + lane] = sum;
        }
    }
}

// [key, value][token][feature]
void bert4j_pack_attention_bf16_portable(const float *k, const float *v, int64_t panel, int kv_lanes, int first, int keys,
        int size, void *to) {
    uint16_t *halves = to;
    for (int key = 0; key < keys; key++) {
        const int64_t at = (first + key) / kv_lanes * panel + (first + key) % kv_lanes;
        for (int d = 0; d < size; d++, halves++) {
            halves[0] = rounded(k[at + (int64_t) d * kv_lanes]);
            halves[(int64_t) keys * size] = rounded(v[at + (int64_t) d * kv_lanes]);
        }
    }
}

void bert4j_attention_bf16_portable(const float *q, int lanes, int used, const void *packed, int keys, int size,
        float scale, const float *mask, float factor, float *context) {
    const struct attention a = {.scale = scale, .mask = mask};
    const uint16_t *k = packed, *v = k + (int64_t) keys * size;
    for (int lane = 0; lane < used; lane++) {
        float scores[KEY_BLOCK], maximum = -FLT_MAX, sum = 0, before = 0;
        for (int key = 0; key < keys; key += KEY_BLOCK) {
            const int count = keys - key < KEY_BLOCK ? keys - key : KEY_BLOCK;
            for (int j = 0; j < count; j++) {
                scores[j] = 0;
                for (int d = 0; d < size; d++) {
                    scores[j] = fmaf(of_bf16(k[(int64_t) (key + j) * size + d]),
                            of_bf16(rounded(q[(int64_t) d * lanes + lane])), scores[j]);
                }
            }
            weights_of_one(&a, scores, key, count, &maximum, &sum, &before, 1);
            for (int d = 0; d < size; d++) {
                float *at = context + (int64_t) d * lanes + lane;
                float added = key == 0 ? 0 : *at * before;
                for (int j = 0; j < count; j++) {
                    added = fmaf(of_bf16(v[(int64_t) (key + j) * size + d]), of_bf16(rounded(scores[j])), added);
                }
                *at = key + count < keys ? added : added * (1 / sum * factor);
            }
        }
    }
}

// What the nearest bf16 leaves of a number, as bf16.
static uint16_t rest_of(float value) {
    return rounded(value - of_bf16(rounded(value)));
}

// [row][k][nearest, rest]
void bert4j_split_bf16x3_portable(const void *w, int64_t step, int rows, int depth, void *to) {
    uint16_t *halves = to;
    for (int n = 0; n < rows; n++) {
        for (int k = 0; k < depth; k++, halves += 2) {
            const float weight = float_at((const char *) w + n * step + 4 * (int64_t) k);
            halves[0] = rounded(weight);
            halves[1] = rest_of(weight);
        }
    }
}

// [k][lane][nearest, rest]
void bert4j_pack_bf16x3_portable(const float *x, int depth, int lanes, void *q) {
    bert4j_split_bf16x3_portable(x, 4 * (int64_t) lanes, depth, lanes, q);
}

void bert4j_gemm_bf16x3_portable(const void *w, int rows, int depth, const void *q, int lanes, int used, float *y) {
    for (int n = 0; n < rows; n++) {
        for (int lane = 0; lane < used; lane++) {
            const uint16_t *weight = (const uint16_t *) w + 2 * (int64_t) n * depth;
            const uint16_t *x = (const uint16_t *) q + 2 * (int64_t) lane;
            float sum = 0;
            for (int k = 0; k < depth; k++, weight += 2, x += 2 * (int64_t) lanes) {
                sum = fmaf(of_bf16(weight[1]), of_bf16(x[0]), sum);
                sum = fmaf(of_bf16(weight[0]), of_bf16(x[0]), sum);
                sum = fmaf(of_bf16(weight[0]), of_bf16(x[1]), sum);
            }
            y[(int64_t) n * lanes + lane] = sum;
        }
    }
}
