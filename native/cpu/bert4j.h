// The kernels of the native CPU backend: matrix products of weights in place and token panels.
//
// An activation is a token panel, x[feature][lane]: `lanes` tokens side by side, 8, 16, 24 or 32 of them (on ARM 4, too),
// of which the first `used` are wanted; what lies in the other lanes, NaN even, does not disturb them. Weights are row-major as in the
// file, at any address: element [n][k] lies `step` bytes times n and k elements from w on. Each product overwrites
// y[row][lane] for all used lanes, and perhaps for others. Nothing outside the arrays is read or written.
//
// A name ends with the instructions that it needs; bert4j_features says which there are.
#ifndef BERT4J_H
#define BERT4J_H

#include <stdint.h>

#if defined(_WIN32)
#define BERT4J_EXPORT __declspec(dllexport)
#else
#define BERT4J_EXPORT __attribute__((visibility("default")))
#endif

// Changes whenever a signature or a meaning does.
#define BERT4J_ABI 9

enum bert4j_feature {
    BERT4J_AVX2 = 1 << 0,         // with FMA and F16C
    BERT4J_AVX512 = 1 << 1,       // F, BW, VL
    BERT4J_AVX_VNNI = 1 << 2,
    BERT4J_AVX512_VNNI = 1 << 3,
    BERT4J_AVX512_BF16 = 1 << 4,
    BERT4J_AMX_INT8 = 1 << 5,     // and the system lets this process use its tiles
    BERT4J_AMX_BF16 = 1 << 6,
    BERT4J_NEON = 1 << 7,
    BERT4J_DOTPROD = 1 << 8,
    BERT4J_I8MM = 1 << 9,
    BERT4J_BF16 = 1 << 10,        // of ARM: bfdot
    BERT4J_AVX512_HALVES = 1 << 11,   // a vector of 512 bits takes as long as two of 256: worth knowing, not needed
};

BERT4J_EXPORT int bert4j_abi(void);

// What the processor and the system can do, of enum bert4j_feature.
BERT4J_EXPORT int bert4j_features(void);

// y = w x in fp32. Each value is one chain of fused multiply-adds that begins at 0, with k ascending, so that its bits
// are those of every other backend. `next` is the panel that these rows are multiplied with after this one, so that it is
// fetched meanwhile, or NULL; nothing is read of it, wherever it points to.
typedef void bert4j_gemm_f32(const void *w, int64_t step, int rows, int depth, const float *x, int lanes, int used,
        float *y, const float *next);

// Attention of the queries in a panel to the `keys` keys of their text, one head of `size` features:
//     context = softmax(q k scale + mask) v factor
// q and context are at the first feature of the head, [size][lanes]. The keys are the tokens from `first` on of panels
// that lie `panel` floats apart, [panel][feature][kv_lanes]; k and v are at the first feature of the head in the first.
// mask, if there is one, is added to the scores of its key. Bits are those of every other backend. Of this and the
// following five, `used` is a multiple of 8 (on ARM of 4).
typedef void bert4j_attention_f32(const float *q, int lanes, int used, const float *k, const float *v, int64_t panel,
        int kv_lanes, int first, int keys, int size, float scale, const float *mask, float factor, float *context);

// y = y + bias, by rows; and then + residual, if there is one, rows like y. A bias of NULL is 0.
typedef void bert4j_add_f32(float *y, int lanes, int rows, int used, const float *bias, const float *residual);

// y = gelu(y + bias), by rows.
typedef void bert4j_gelu_f32(float *y, int lanes, int rows, int used, const float *bias);

// y = tanh(y + bias), by rows.
typedef void bert4j_tanh_f32(float *y, int lanes, int rows, int used, const float *bias);

// GELU within 7e-6 (4.5 + |x|), for values that are rounded to bytes next, in about half of the time. With c = x cut
// off at -4.5 and 4.5, and p = S9, p = fma(p, c c, Si) for i from 8 to 0: y = x * fma(c, p, 0.5). functions.h has the Si.
typedef void bert4j_short_gelu_f32(float *y, int lanes, int rows, int used, const float *bias);

// Rows of weights that are stored in fewer bits as fp32, one after the other: `rows` of `depth` from w on.
enum bert4j_stored { BERT4J_STORED_BF16, BERT4J_STORED_F16, BERT4J_STORED_S8 };
// Exactly; an integer times the scale of its row, rounded, and where there are scales of columns, times that, rounded.
typedef void bert4j_widen(const void *w, int stored, int rows, int depth, const float *scales, const float *columns,
        float *to);

// y = w x in fp32 with weights as they are stored: the bits of bert4j_widen and then bert4j_gemm_f32, a NaN being a NaN. Where
// panels are many, it may pay to widen rows first.
typedef void bert4j_gemm_stored_f32(const void *w, int stored, int rows, int depth, const float *scales,
        const float *columns, const float *x, int lanes, int used, float *y);

// Layer normalisation of each lane over its features; y may be x.
typedef void bert4j_norm_f32(const float *x, float *y, int lanes, int features, int used, const float *weight,
        const float *bias, float eps);

// Rounds a panel to bytes, each token by a scale of its own:
//     a = max |x[k]|;  a < 2^-100: scale = 0, q = 0;  a infinite or NaN: scale = NaN, q = 0;
//     else scale = a / 127, q[k] = (x[k] * (127 / a)) rounded to the nearest integer, ties to even
// with each operation rounded to fp32. The layout of q is that of the product of the same name; it takes lanes bytes for
// every k, with depth rounded up to a multiple of 64.
typedef void bert4j_pack_s8(const float *x, int depth, int lanes, void *q, float *scales);

// What a panel loses when it is rounded to bytes, so that it can be rounded to more bytes after these:
//     rest[k] = x[k] - q[k] * (a / 127), with a and q as above, rounded once
// Of a token that has an infinity or NaN, something that has one, too. rest is a panel like x; or, where `beside` is not
// 0, the second half of a panel of twice as many lanes, of which x is the first.
typedef void bert4j_rest_f32(const float *x, int depth, int lanes, float *rest, int beside);

// Each feature of a panel times a factor of its own: y[k][lane] = x[k][lane] * factors[k].
typedef void bert4j_scale_f32(const float *x, int depth, int lanes, const float *factors, float *y);

// Adds the halves of a panel of twice as many lanes: y[row][lane] = x[row][lane] + x[row][lanes + lane].
typedef void bert4j_fold_f32(const float *x, int lanes, int rows, float *y);

// What a product of bytes has to know of its rows, found once: the sum of a row; and how many 32-bit numbers lie between
// this record and the list of the row, which ends where that of the next record begins.
struct bert4j_row {
    int32_t sum;
    int32_t list;
};

// Four weights, from k = 4 group on, of which two neighbours, at an even k and after it, have a sum of a magnitude above
// 128: their products with unsigned bytes may not fit sixteen bits. They are part + rest, whose do. Behind the row are
// zeros.
struct bert4j_wide {
    int32_t group;
    int8_t part[4], rest[4];
};

// Finds it out: a record of each row, one that ends the last list, and behind them the lists of struct bert4j_wide, if
// there is room for so many of these; if not, only the records, which say how many there would be. Kernels other than that
// of AVX2 list nothing.
typedef void bert4j_rows_s8(const void *w, int64_t step, int rows, int depth, int room, struct bert4j_row *known);

// y[n][lane] = (float) (sum of w[n][k] q[k][lane], exact) * (x_scales[lane] * w_scales[n]). `known` is what
// bert4j_rows_s8 finds of these rows for the same instructions. depth is at most 65536: then no sum leaves 32 bits.
typedef void bert4j_gemm_s8(const void *w, int64_t step, int rows, int depth, const float *w_scales,
        const struct bert4j_row *known, const void *q, const float *x_scales, int lanes, int used, float *y);

// Rounds a panel to bf16, to the nearest, ties to even; a NaN stays one. q takes 2 * lanes bytes for every k, with depth
// rounded up to a multiple of 32.
typedef void bert4j_pack_bf16(const float *x, int depth, int lanes, void *q);

// y = w x with both in bf16 and sums in fp32. Bits depend on the instructions, but neither on the lane nor on its
// neighbours.
typedef void bert4j_gemm_bf16(const void *w, int64_t step, int rows, int depth, const void *q, int lanes, int used,
        float *y);

// Attention with queries, keys, weights and values rounded to bf16 before they are multiplied, and sums in fp32; otherwise
// as bert4j_attention_f32, whose arguments have the same names. The keys and values of a text, one head, are packed first,
// in a layout of each kind, which takes 4 bytes of each with keys and size rounded up to multiples of 32, and begins
// at a multiple of 64. Bits depend on the instructions, but neither on the lane, nor on its neighbours, nor on where
// the text begins in its panels. There is one key at least, and size is BERT4J_MOST_BF16_HEAD at most.
#define BERT4J_MOST_BF16_HEAD 128
typedef void bert4j_pack_attention_bf16(const float *k, const float *v, int64_t panel, int kv_lanes, int first, int keys,
        int size, void *to);
typedef void bert4j_attention_bf16(const float *q, int lanes, int used, const void *packed, int keys, int size,
        float scale, const float *mask, float factor, float *context);

// fp32 nearly as it is, by instructions of bf16: of each number the nearest bf16 and the nearest to what that leaves,
// which is within 2^-17 of it,
//     y = rest(w) nearest(x) + nearest(w) nearest(x) + nearest(w) rest(x)
// with sums in fp32, whose order depends on the instructions, but neither on the lane nor on its neighbours. What
// has no nearest bf16, infinities and magnitudes from 3.39e38 on, makes NaN. Both sides are packed, in a layout of each kind: `to` takes 4 bytes for every k, with depth rounded up to a
// multiple of 32, of every row, with rows rounded up to a multiple of 16, and begins at a multiple of 64; q likewise,
// with lanes for rows.
typedef void bert4j_split_bf16x3(const void *w, int64_t step, int rows, int depth, void *to);
typedef void bert4j_pack_bf16x3(const float *x, int depth, int lanes, void *q);
typedef void bert4j_gemm_bf16x3(const void *w, int rows, int depth, const void *q, int lanes, int used, float *y);

// The same, for weights in a mapped file: they answer 0, or 1 where the file could not be read, and y is half
// done. bert4j_guard must have been called before; it answers 0 unless the system refuses.
BERT4J_EXPORT int bert4j_guard(void);

// Other libraries take the signals for themselves, by which a JVM finds null references, and give them back to nobody.
// Between these two they may try. Both answer 0 unless the system refuses.
BERT4J_EXPORT int bert4j_keep_signals(void);
BERT4J_EXPORT int bert4j_restore_signals(void);

BERT4J_EXPORT int bert4j_guarded_f32(bert4j_gemm_f32 *gemm, const void *w, int64_t step, int rows, int depth,
        const float *x, int lanes, int used, float *y, const float *next);
BERT4J_EXPORT int bert4j_guarded_stored_f32(bert4j_gemm_stored_f32 *gemm, const void *w, int stored, int rows,
        int depth, const float *scales, const float *columns, const float *x, int lanes, int used, float *y);
BERT4J_EXPORT int bert4j_guarded_s8(bert4j_gemm_s8 *gemm, const void *w, int64_t step, int rows, int depth,
        const float *w_scales, const struct bert4j_row *known, const void *q, const float *x_scales, int lanes, int used,
        float *y);
BERT4J_EXPORT int bert4j_guarded_bf16(bert4j_gemm_bf16 *gemm, const void *w, int64_t step, int rows, int depth,
        const void *q, int lanes, int used, float *y);
BERT4J_EXPORT int bert4j_guarded_widen(bert4j_widen *widen, const void *w, int stored, int rows, int depth,
        const float *scales, const float *columns, float *to);
BERT4J_EXPORT int bert4j_guarded_split(bert4j_split_bf16x3 *split, const void *w, int64_t step, int rows, int depth,
        void *to);
BERT4J_EXPORT int bert4j_guarded_rows_s8(bert4j_rows_s8 *find, const void *w, int64_t step, int rows, int depth,
        int room, struct bert4j_row *known);

// All of them as Java calls them, by one signature: a kernel's address; up to six arrays, each with the bytes that are to
// be passed over in it; a distance; and numbers. An array of NULL stays NULL. call.c says which is what of a kernel. Those
// with weights are guarded, others that compute answer 0.
typedef int bert4j_call(int64_t kernel, void *a, int64_t a_at, void *b, int64_t b_at, void *c, int64_t c_at, void *d,
        int64_t d_at, void *e, int64_t e_at, void *f, int64_t f_at, int64_t step, int n0, int n1, int n2, int n3, int n4,
        int n5, float x0, float x1);
BERT4J_EXPORT bert4j_call bert4j_call_abi, bert4j_call_features, bert4j_call_guard, bert4j_call_keep_signals,
        bert4j_call_restore_signals, bert4j_call_line_start;
BERT4J_EXPORT bert4j_call bert4j_call_gemm_f32, bert4j_call_gemm_stored_f32, bert4j_call_gemm_s8,
        bert4j_call_gemm_bf16, bert4j_call_widen, bert4j_call_rows_s8, bert4j_call_attention_f32, bert4j_call_add_f32,
        bert4j_call_gelu_f32, bert4j_call_norm_f32, bert4j_call_scale_f32, bert4j_call_rest_f32, bert4j_call_fold_f32, bert4j_call_pack_s8, bert4j_call_pack_bf16,
        bert4j_call_split_bf16x3, bert4j_call_pack_bf16x3, bert4j_call_gemm_bf16x3, bert4j_call_pack_attention_bf16,
        bert4j_call_attention_bf16;

BERT4J_EXPORT bert4j_gemm_f32 bert4j_gemm_f32_portable;
BERT4J_EXPORT bert4j_attention_f32 bert4j_attention_f32_portable;
BERT4J_EXPORT bert4j_widen bert4j_widen_portable;
BERT4J_EXPORT bert4j_add_f32 bert4j_add_f32_portable;
BERT4J_EXPORT bert4j_gelu_f32 bert4j_gelu_f32_portable;
BERT4J_EXPORT bert4j_tanh_f32 bert4j_tanh_f32_portable;
BERT4J_EXPORT bert4j_short_gelu_f32 bert4j_short_gelu_f32_portable;
BERT4J_EXPORT bert4j_norm_f32 bert4j_norm_f32_portable;
BERT4J_EXPORT bert4j_rest_f32 bert4j_rest_f32_portable;
BERT4J_EXPORT bert4j_scale_f32 bert4j_scale_f32_portable;
BERT4J_EXPORT bert4j_fold_f32 bert4j_fold_f32_portable;
BERT4J_EXPORT bert4j_rows_s8 bert4j_rows_s8_portable;
BERT4J_EXPORT bert4j_pack_s8 bert4j_pack_s8_portable;
BERT4J_EXPORT bert4j_gemm_s8 bert4j_gemm_s8_portable;
BERT4J_EXPORT bert4j_pack_bf16 bert4j_pack_bf16_portable;
BERT4J_EXPORT bert4j_gemm_bf16 bert4j_gemm_bf16_portable;
BERT4J_EXPORT bert4j_pack_attention_bf16 bert4j_pack_attention_bf16_portable;
BERT4J_EXPORT bert4j_attention_bf16 bert4j_attention_bf16_portable;
BERT4J_EXPORT bert4j_split_bf16x3 bert4j_split_bf16x3_portable;
BERT4J_EXPORT bert4j_pack_bf16x3 bert4j_pack_bf16x3_portable;
BERT4J_EXPORT bert4j_gemm_bf16x3 bert4j_gemm_bf16x3_portable;

#if defined(__x86_64__)
BERT4J_EXPORT bert4j_gemm_f32 bert4j_gemm_f32_avx2, bert4j_gemm_f32_avx512, bert4j_gemm_f32_avx512_halves;
BERT4J_EXPORT bert4j_gemm_stored_f32 bert4j_gemm_stored_f32_avx2, bert4j_gemm_stored_f32_avx512;
BERT4J_EXPORT bert4j_attention_f32 bert4j_attention_f32_avx2, bert4j_attention_f32_avx512;
BERT4J_EXPORT bert4j_widen bert4j_widen_avx2, bert4j_widen_avx512;
BERT4J_EXPORT bert4j_add_f32 bert4j_add_f32_avx2, bert4j_add_f32_avx512;
BERT4J_EXPORT bert4j_gelu_f32 bert4j_gelu_f32_avx2, bert4j_gelu_f32_avx512;
BERT4J_EXPORT bert4j_tanh_f32 bert4j_tanh_f32_avx2, bert4j_tanh_f32_avx512;
BERT4J_EXPORT bert4j_short_gelu_f32 bert4j_short_gelu_f32_avx2, bert4j_short_gelu_f32_avx512;
BERT4J_EXPORT bert4j_norm_f32 bert4j_norm_f32_avx2, bert4j_norm_f32_avx512;
BERT4J_EXPORT bert4j_rest_f32 bert4j_rest_f32_avx2, bert4j_rest_f32_avx512;
BERT4J_EXPORT bert4j_scale_f32 bert4j_scale_f32_avx2, bert4j_scale_f32_avx512;
BERT4J_EXPORT bert4j_fold_f32 bert4j_fold_f32_avx2, bert4j_fold_f32_avx512;
BERT4J_EXPORT bert4j_rows_s8 bert4j_rows_s8_avx2;
BERT4J_EXPORT bert4j_pack_s8 bert4j_pack_s8_avx2, bert4j_pack_s8_avx_vnni, bert4j_pack_s8_avx512_vnni,
        bert4j_pack_s8_amx_int8;
BERT4J_EXPORT bert4j_gemm_s8 bert4j_gemm_s8_avx2, bert4j_gemm_s8_avx_vnni, bert4j_gemm_s8_avx512_vnni,
        bert4j_gemm_s8_amx_int8;
BERT4J_EXPORT bert4j_pack_bf16 bert4j_pack_bf16_avx512_bf16, bert4j_pack_bf16_amx_bf16;
BERT4J_EXPORT bert4j_gemm_bf16 bert4j_gemm_bf16_avx512_bf16, bert4j_gemm_bf16_amx_bf16;
BERT4J_EXPORT bert4j_pack_attention_bf16 bert4j_pack_attention_bf16_avx512_bf16,
        bert4j_pack_attention_bf16_amx_bf16;
BERT4J_EXPORT bert4j_attention_bf16 bert4j_attention_bf16_avx512_bf16, bert4j_attention_bf16_amx_bf16;
BERT4J_EXPORT bert4j_split_bf16x3 bert4j_split_bf16x3_amx_bf16;
BERT4J_EXPORT bert4j_pack_bf16x3 bert4j_pack_bf16x3_amx_bf16;
BERT4J_EXPORT bert4j_gemm_bf16x3 bert4j_gemm_bf16x3_amx_bf16;
#elif defined(__aarch64__)
BERT4J_EXPORT bert4j_gemm_f32 bert4j_gemm_f32_neon;
BERT4J_EXPORT bert4j_attention_f32 bert4j_attention_f32_neon;
BERT4J_EXPORT bert4j_widen bert4j_widen_neon;
BERT4J_EXPORT bert4j_add_f32 bert4j_add_f32_neon;
BERT4J_EXPORT bert4j_gelu_f32 bert4j_gelu_f32_neon;
BERT4J_EXPORT bert4j_tanh_f32 bert4j_tanh_f32_neon;
BERT4J_EXPORT bert4j_short_gelu_f32 bert4j_short_gelu_f32_neon;
BERT4J_EXPORT bert4j_norm_f32 bert4j_norm_f32_neon;
BERT4J_EXPORT bert4j_rest_f32 bert4j_rest_f32_neon;
BERT4J_EXPORT bert4j_scale_f32 bert4j_scale_f32_neon;
BERT4J_EXPORT bert4j_fold_f32 bert4j_fold_f32_neon;
BERT4J_EXPORT bert4j_pack_s8 bert4j_pack_s8_dotprod, bert4j_pack_s8_i8mm;
BERT4J_EXPORT bert4j_gemm_s8 bert4j_gemm_s8_dotprod, bert4j_gemm_s8_i8mm;
BERT4J_EXPORT bert4j_pack_bf16 bert4j_pack_bf16_bf16;
BERT4J_EXPORT bert4j_gemm_bf16 bert4j_gemm_bf16_bf16;
#endif

#endif
