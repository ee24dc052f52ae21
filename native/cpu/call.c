// How Java calls the kernels: all by one signature, for a JVM takes milliseconds to learn a new one, and with an offset
// beside each address. An array of Java's has an address for the time of a call only, so that Java has an object for it;
// for each place within it would be garbage.
#include "bert4j.h"

#include <stddef.h>

static void *at(void *array, int64_t offset) {
    return array ? (char *) array + offset : NULL;
}

#define KERNEL(type) ((type *) (intptr_t) kernel)
#define A at(a, a_at)
#define B at(b, b_at)
#define C at(c, c_at)
#define D at(d, d_at)
#define E at(e, e_at)
#define F at(f, f_at)

// Not every kernel has a use for all that the signature holds.
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define CALL(name)                                                                                                     \
    int bert4j_call_##name(int64_t kernel, void *a, int64_t a_at, void *b, int64_t b_at, void *c, int64_t c_at,        \
            void *d, int64_t d_at, void *e, int64_t e_at, void *f, int64_t f_at, int64_t step, int n0, int n1, int n2, \
            int n3, int n4, int n5, float x0, float x1)

// What takes no arguments.

CALL(abi) {
    return bert4j_abi();
}

CALL(features) {
    return bert4j_features();
}

CALL(guard) {
    return bert4j_guard();
}

CALL(keep_signals) {
    return bert4j_keep_signals();
}

CALL(restore_signals) {
    return bert4j_restore_signals();
}

// How many floats lie before the first that begins a line of the cache.
CALL(line_start) {
    return (int) (-(uintptr_t) A % 64 / 4);
}

// Products of weights: A. They answer 1 where the file could not be read.

CALL(gemm_f32) {
    return bert4j_guarded_f32(KERNEL(bert4j_gemm_f32), A, step, n0, n1, B, n2, n3, C, D);
}

CALL(gemm_stored_f32) {
    return bert4j_guarded_stored_f32(KERNEL(bert4j_gemm_stored_f32), A, n0, n1, n2, B, C, D, n3, n4, E);
}

CALL(gemm_s8) {
    return bert4j_guarded_s8(KERNEL(bert4j_gemm_s8), A, step, n0, n1, B, C, D, E, n2, n3, F);
}

CALL(gemm_bf16) {
    return bert4j_guarded_bf16(KERNEL(bert4j_gemm_bf16), A, step, n0, n1, B, n2, n3, C);
}

CALL(widen) {
    return bert4j_guarded_widen(KERNEL(bert4j_widen), A, n0, n1, n2, B, C, D);
}

CALL(split_bf16x3) {
    return bert4j_guarded_split(KERNEL(bert4j_split_bf16x3), A, step, n0, n1, B);
}

CALL(rows_s8) {
    return bert4j_guarded_rows_s8(KERNEL(bert4j_rows_s8), A, step, n0, n1, n2, B);
}

// What works on arrays only. All of it answers 0.

CALL(attention_f32) {
    KERNEL(bert4j_attention_f32)(A, n0, n1, B, C, step, n2, n3, n4, n5, x0, D, x1, E);
    return 0;
}

CALL(pack_attention_bf16) {
    KERNEL(bert4j_pack_attention_bf16)(A, B, step, n0, n1, n2, n3, C);
    return 0;
}

CALL(attention_bf16) {
    KERNEL(bert4j_attention_bf16)(A, n0, n1, B, n2, n3, x0, C, x1, D);
    return 0;
}

CALL(add_f32) {
    KERNEL(bert4j_add_f32)(A, n0, n1, n2, B, C);
    return 0;
}

CALL(gelu_f32) {
    KERNEL(bert4j_gelu_f32)(A, n0, n1, n2, B);
    return 0;
}

CALL(norm_f32) {
    KERNEL(bert4j_norm_f32)(A, B, n0, n1, n2, C, D, x0);
    return 0;
}

CALL(rest_f32) {
    KERNEL(bert4j_rest_f32)(A, n0, n1, B, n2);
    return 0;
}

CALL(scale_f32) {
    KERNEL(bert4j_scale_f32)(A, n0, n1, B, C);
    return 0;
}

CALL(fold_f32) {
    KERNEL(bert4j_fold_f32)(A, n0, n1, B);
    return 0;
}

CALL(pack_s8) {
    KERNEL(bert4j_pack_s8)(A, n0, n1, B, C);
    return 0;
}

CALL(pack_bf16) {
    KERNEL(bert4j_pack_bf16)(A, n0, n1, B);
    return 0;
}

CALL(pack_bf16x3) {
    KERNEL(bert4j_pack_bf16x3)(A, n0, n1, B);
    return 0;
}

CALL(gemm_bf16x3) {
    KERNEL(bert4j_gemm_bf16x3)(A, n0, n1, B, n2, n3, C);
    return 0;
}
