// fp32 with AVX2: vectors of eight lanes, sixteen registers.
// With eight rows of one vector multiply-adds do not wait for each other, and weights come in time from nearer than with
// AVX-512.
#define AHEAD 256
#define YMM_WIDE 8
#define YMM_NARROW 6
#define YMM_ROWS 6
#include "eight_rows.h"
#define WHOLE_LINE eight_rows
#include "ymm.h"

void bert4j_gemm_f32_avx2(const void *w, int64_t step, int rows, int depth, const float *x, int lanes, int used,
        float *y, const float *next) {
    const struct product p = {.w = w, .step = step, .rows = rows, .depth = depth, .width = 4, .x = (const char *) x,
        .lanes = lanes, .y = y, .next = (const char *) next};
    gemm_ymm(&p, used);
}

void bert4j_attention_f32_avx2(const float *q, int lanes, int used, const float *k, const float *v, int64_t panel,
        int kv_lanes, int first, int keys, int size, float scale, const float *mask, float factor, float *context) {
    const struct attention a = {q, lanes, k, v, panel, kv_lanes, first, keys, size, scale, mask, factor, context};
    attention_ymm(&a, used);
}

void bert4j_add_f32_avx2(float *y, int lanes, int rows, int used, const float *bias, const float *residual) {
    add_ymm(y, lanes, rows, used, bias, residual);
}

void bert4j_gelu_f32_avx2(float *y, int lanes, int rows, int used, const float *bias) {
    gelu_ymm(y, lanes, rows, used, bias);
}

void bert4j_tanh_f32_avx2(float *y, int lanes, int rows, int used, const float *bias) {
    tanh_ymm(y, lanes, rows, used, bias);
}

void bert4j_short_gelu_f32_avx2(float *y, int lanes, int rows, int used, const float *bias) {
    short_gelu_ymm(y, lanes, rows, used, bias);
}

void bert4j_norm_f32_avx2(const float *x, float *y, int lanes, int features, int used, const float *weight,
        const float *bias, float eps) {
    norm_ymm(x, y, lanes, features, used, weight, bias, eps);
}

void bert4j_rest_f32_avx2(const float *x, int depth, int lanes, float *rest, int beside) {
    rest_ymm(x, depth, lanes, rest, beside);
}

void bert4j_scale_f32_avx2(const float *x, int depth, int lanes, const float *factors, float *y) {
    scale_ymm(x, depth, lanes, factors, y);
}

void bert4j_fold_f32_avx2(const float *x, int lanes, int rows, float *y) {
    fold_ymm(x, lanes, rows, y);
}

void bert4j_widen_avx2(const void *w, int stored, int rows, int depth, const float *scales, const float *columns,
        float *to) {
    widen_ymm(w, stored, rows, depth, scales, columns, to);
}
