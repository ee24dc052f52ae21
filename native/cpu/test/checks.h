// What tests of kernels share: numbers, arrays that are as long as they must be, and a count of what was right.
#ifndef BERT4J_CHECKS_H
#define BERT4J_CHECKS_H

#include "../bert4j.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern int passed, failed;

void check(int right, const char *name, const char *what, int rows, int depth, int lanes, int used);

// Random bits, the same in every run.
uint32_t next(void);

// Small numbers for the most part, zeros, powers of two and one that is denormal.
float value(void);

// Memory whose end is the end of what may be read.
char *before_the_end(size_t bytes, void **whole, size_t *size);
void give_back(void *whole, size_t size);

// Memory that begins with a line of the cache.
void *aligned(size_t bytes);

int same(float a, float b);

// A panel whose unwanted lanes hold what must not matter. With special 1 there is one number that is none, or infinite, in
// another lane, with 2 a lane of numbers too small to be scaled.
float *panel(int depth, int lanes, int used, int special);

// A bf16 as fp32, and the upper half of a float.
float widened(uint16_t half);
uint16_t shortened(float wide);

// The nearest bf16.
float nearest_bf16(float value);

struct pointwise {
    bert4j_add_f32 *add;
    bert4j_gelu_f32 *gelu;
    bert4j_norm_f32 *norm;
    bert4j_rest_f32 *rest;
    bert4j_scale_f32 *scale;
    bert4j_fold_f32 *fold;
    bert4j_short_gelu_f32 *short_gelu;
    bert4j_tanh_f32 *tanh;
};

#define POINTWISE(kind)                                                                                                \
    {bert4j_add_f32_##kind, bert4j_gelu_f32_##kind, bert4j_norm_f32_##kind, bert4j_rest_f32_##kind,                    \
        bert4j_scale_f32_##kind, bert4j_fold_f32_##kind, bert4j_short_gelu_f32_##kind, bert4j_tanh_f32_##kind}

void test_f32(const char *name, bert4j_gemm_f32 *gemm, int rows, int depth, int lanes, int used, int special);
void test_stored(const char *name, bert4j_gemm_stored_f32 *gemm, int stored, int rows, int depth, int lanes, int used,
        int special);
void test_s8(const char *name, bert4j_rows_s8 *find, bert4j_pack_s8 *pack, bert4j_gemm_s8 *gemm, int rows, int depth,
        int lanes, int used, int special);
void test_bf16(const char *name, bert4j_pack_bf16 *pack, bert4j_gemm_bf16 *gemm, int rows, int depth, int lanes,
        int used, int special);
void test_bf16x3(const char *name, bert4j_split_bf16x3 *split_rows, bert4j_pack_bf16x3 *pack,
        bert4j_gemm_bf16x3 *gemm, int rows, int depth, int lanes, int used, int special);
void test_attention(const char *name, bert4j_attention_f32 *attention, int size, int keys, int lanes, int used,
        int special);
void test_attention_bf16(const char *name, bert4j_pack_attention_bf16 *pack, bert4j_attention_bf16 *attention, int size,
        int keys, int lanes, int used, int special);
void test_pointwise(const char *name, const struct pointwise *found, int rows, int lanes, int used, int special);
void test_widen(const char *name, bert4j_widen *widen, int stored, int rows, int depth);
void test_cut_off_file(void);

#endif
