// Every kernel that this processor runs, against what bert4j.h defines, at odd sizes. Arrays are as long as they must
// be, and weights end where the memory does.
#define _GNU_SOURCE
#include "bert4j.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if !defined(_WIN32)
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

static int passed, failed;

static void check(int right, const char *name, const char *what, int rows, int depth, int lanes, int used) {
    passed += right != 0;
    failed += right == 0;
    if (!right && failed < 20) {
        printf("FAILED %s: %s, %d rows of %d, %d of %d lanes\n", name, what, rows, depth, used, lanes);
    }
}

static uint64_t state = 1;

static uint32_t next(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t) (state >> 33);
}

static float value(void) {
    switch (next() % 40) {
        case 0: return 0;
        case 1: return -0.0f;
        case 2: return 0x1p-140f;
        case 3: return ldexpf(1, (int) (next() % 40) - 20);
        default: return ((int) (next() % 2001) - 1000) * 0.00173f;
    }
}

// Memory whose end is the end of what may be read.
static char *before_the_end(size_t bytes, void **whole, size_t *size) {
#if defined(_WIN32)
    *size = bytes;
    return *whole = malloc(bytes);
#else
    size_t page = (size_t) sysconf(_SC_PAGESIZE);
    size_t pages = (bytes + page - 1) / page * page;
    *size = pages + page;
    *whole = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect((char *) *whole + pages, page, PROT_NONE);
    return (char *) *whole + pages - bytes;
#endif
}

static void give_back(void *whole, size_t size) {
#if defined(_WIN32)
    (void) size;
    free(whole);
#else
    munmap(whole, size);
#endif
}

static int same(float a, float b) {
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, 4) == 0;
}

// A panel whose unwanted lanes hold what must not matter.
static float *panel(int depth, int lanes, int used, int special) {
    float *x = malloc(sizeof(float) * depth * lanes);
    for (int i = 0; i < depth * lanes; i++) {
        x[i] = i % lanes < used ? value() : next() % 2 ? NAN : INFINITY;
    }
    if (special == 1) {
        x[(next() % depth) * lanes + next() % used] = next() % 2 ? NAN : -INFINITY;
    }
    if (special == 2) {
        int lane = (int) (next() % used);
        for (int k = 0; k < depth; k++) {
            x[k * lanes + lane] = 0x1p-130f;
        }
    }
    return x;
}

static void test_f32(const char *name, bert4j_gemm_f32 *gemm, int rows, int depth, int lanes, int used, int special) {
    void *whole;
    size_t size;
    char *w = before_the_end(sizeof(float) * rows * depth + 1, &whole, &size) + 1;
    float *x = panel(depth, lanes, used, special), *y = malloc(sizeof(float) * rows * lanes);
    float *expected = malloc(sizeof(float) * rows * lanes);
    for (int i = 0; i < rows * depth; i++) {
        float weight = value();
        memcpy(w + 4 * i, &weight, 4);
    }
    bert4j_gemm_f32_portable(w, 4 * depth, rows, depth, x, lanes, used, expected);
    memset(y, 0x55, sizeof(float) * rows * lanes);
    gemm(w, 4 * depth, rows, depth, x, lanes, used, y);
    int right = 1;
    for (int i = 0; i < rows * lanes; i++) {
        right &= i % lanes >= used || same(y[i], expected[i]);
    }
    check(right, name, "bits", rows, depth, lanes, used);
    give_back(whole, size);
    free(x);
    free(y);
    free(expected);
}

static void test_s8(const char *name, bert4j_pack_s8 *pack, bert4j_gemm_s8 *gemm, int rows, int depth, int lanes,
        int used, int special) {
    void *whole;
    size_t size;
    int8_t *w = (int8_t *) before_the_end((size_t) rows * depth, &whole, &size);
    float *x = panel(depth, lanes, used, special), *y = malloc(sizeof(float) * rows * lanes);
    float *expected = malloc(sizeof(float) * rows * lanes);
    size_t packed = (size_t) lanes * ((depth + 63) / 64 * 64);
    void *q = malloc(packed), *q_expected = malloc(packed);
    float *scales = malloc(sizeof(float) * lanes), *scales_expected = malloc(sizeof(float) * lanes);
    float *w_scales = malloc(sizeof(float) * rows);
    int32_t *sums = malloc(sizeof(int32_t) * rows);
    for (int i = 0; i < rows * depth; i++) {
        w[i] = (int8_t) (special == 3 ? 127 : special == 4 ? -128 : (int) (next() % 255) - 127);
    }
    if (special == 3 || special == 4) {
        for (int i = 0; i < depth * lanes; i++) {
            x[i] = special == 3 || i / lanes % 2 ? 2 : -2;
        }
    }
    for (int n = 0; n < rows; n++) {
        w_scales[n] = value();
    }
    bert4j_sums_s8(w, depth, rows, depth, sums);
    bert4j_pack_s8_portable(x, depth, lanes, q_expected, scales_expected);
    bert4j_gemm_s8_portable(w, depth, rows, depth, w_scales, sums, q_expected, scales_expected, lanes, used, expected);
    memset(y, 0x55, sizeof(float) * rows * lanes);
    pack(x, depth, lanes, q, scales);
    gemm(w, depth, rows, depth, w_scales, sums, q, scales, lanes, used, y);
    int right = 1;
    for (int lane = 0; lane < used; lane++) {
        right &= same(scales[lane], scales_expected[lane]);
    }
    check(right, name, "scales", rows, depth, lanes, used);
    right = 1;
    for (int i = 0; i < rows * lanes; i++) {
        right &= i % lanes >= used || same(y[i], expected[i]);
    }
    check(right, name, "bits", rows, depth, lanes, used);
    give_back(whole, size);
    free(x);
    free(y);
    free(expected);
    free(q);
    free(q_expected);
    free(scales);
    free(scales_expected);
    free(w_scales);
    free(sums);
}

static float widened(uint16_t half) {
    uint32_t bits = (uint32_t) half << 16;
    float wide;
    memcpy(&wide, &bits, 4);
    return wide;
}

static uint16_t shortened(float wide) {
    uint32_t bits;
    memcpy(&bits, &wide, 4);
    return (uint16_t) (bits >> 16);
}

// Against double precision over the rounded values: each of depth additions is off by 2^-24 of the sum of magnitudes,
// and instructions may take numbers below 2^-126 as 0. And the bits of a token are the same in any lane.
static void test_bf16(const char *name, bert4j_pack_bf16 *pack, bert4j_gemm_bf16 *gemm, int rows, int depth, int lanes,
        int used, int special) {
    void *whole;
    size_t size;
    char *w = before_the_end(2 * (size_t) rows * depth + 1, &whole, &size) + 1;
    float *x = panel(depth, lanes, used, special), *y = malloc(sizeof(float) * rows * lanes);
    size_t packed = 2 * (size_t) lanes * ((depth + 31) / 32 * 32);
    void *q = malloc(packed);
    uint16_t *rounded = malloc(sizeof(uint16_t) * depth * lanes);
    for (int i = 0; i < rows * depth; i++) {
        uint16_t weight = shortened(value());
        memcpy(w + 2 * i, &weight, 2);
    }
    bert4j_pack_bf16_portable(x, depth, lanes, rounded);
    pack(x, depth, lanes, q);
    gemm(w, 2 * depth, rows, depth, q, lanes, used, y);
    int right = 1;
    for (int n = 0; n < rows; n++) {
        for (int lane = 0; lane < used; lane++) {
            double sum = 0, magnitudes = 0;
            for (int k = 0; k < depth; k++) {
                uint16_t weight;
                memcpy(&weight, w + 2 * (n * depth + k), 2);
                double product = (double) widened(weight) * widened(rounded[k * lanes + lane]);
                sum += product;
                magnitudes += fabs(product);
            }
            float found = y[n * lanes + lane];
            right &= isnan(sum) ? isnan(found) : isinf(sum) ? found == sum
                    : fabs(found - sum) <= (depth + 2) * 0x1p-24 * magnitudes + depth * 0x1p-100;
        }
    }
    check(right, name, "values", rows, depth, lanes, used);
    // The first token alone, in the last lane of other panels.
    for (int other = 8; other <= 32; other *= 2) {
        float *moved = panel(depth, other, other, 0), *again = malloc(sizeof(float) * rows * other);
        void *q_moved = malloc(2 * (size_t) other * ((depth + 31) / 32 * 32));
        for (int k = 0; k < depth; k++) {
            moved[k * other + other - 1] = x[k * lanes];
        }
        pack(moved, depth, other, q_moved);
        gemm(w, 2 * depth, rows, depth, q_moved, other, other, again);
        right = 1;
        for (int n = 0; n < rows; n++) {
            right &= same(again[n * other + other - 1], y[n * lanes]);
        }
        check(right, name, "bits in another lane", rows, depth, lanes, other);
        free(moved);
        free(again);
        free(q_moved);
    }
    give_back(whole, size);
    free(x);
    free(y);
    free(q);
    free(rounded);
}

// The nearest bf16 of a number and the nearest to what it leaves.
static void split(float value, double *nearest, double *rest) {
    uint16_t half;
    bert4j_pack_bf16_portable(&value, 1, 1, &half);
    *nearest = widened(half);
    value = (float) (value - *nearest);
    bert4j_pack_bf16_portable(&value, 1, 1, &half);
    *rest = widened(half);
}

static void *aligned(size_t bytes) {
    return aligned_alloc(64, (bytes + 63) / 64 * 64);
}

static size_t split_bytes(int rows, int depth) {
    return 4 * (size_t) ((rows + 15) / 16 * 16) * ((depth + 31) / 32 * 32);
}

// As test_bf16, with three products for each k; and against the numbers as they are.
static void test_bf16x3(const char *name, bert4j_split_bf16x3 *split_rows, bert4j_pack_bf16x3 *pack,
        bert4j_gemm_bf16x3 *gemm, int rows, int depth, int lanes, int used, int special) {
    void *whole;
    size_t size;
    char *w = before_the_end(sizeof(float) * rows * depth + 1, &whole, &size) + 1;
    float *x = panel(depth, lanes, used, special), *y = malloc(sizeof(float) * rows * lanes);
    void *to = aligned(split_bytes(rows, depth)), *q = aligned(split_bytes(lanes, depth));
    for (int i = 0; i < rows * depth; i++) {
        float weight = value();
        memcpy(w + 4 * i, &weight, 4);
    }
    split_rows(w, 4 * (int64_t) depth, rows, depth, to);
    pack(x, depth, lanes, q);
    gemm(to, rows, depth, q, lanes, used, y);
    int right = 1;
    for (int n = 0; n < rows; n++) {
        for (int lane = 0; lane < used; lane++) {
            double sum = 0, exact = 0, magnitudes = 0;
            for (int k = 0; k < depth; k++) {
                float weight;
                memcpy(&weight, w + 4 * (n * depth + k), 4);
                double nearest, rest, x_nearest, x_rest;
                split(weight, &nearest, &rest);
                split(x[k * lanes + lane], &x_nearest, &x_rest);
                sum += rest * x_nearest + nearest * x_nearest + nearest * x_rest;
                exact += (double) weight * x[k * lanes + lane];
                magnitudes += fabs((double) weight * x[k * lanes + lane]);
            }
            const double added = (3 * depth + 2) * 0x1p-24 * magnitudes + depth * 0x1p-100;
            float found = y[n * lanes + lane];
            right &= !isfinite(sum) ? isnan(found)
                    : fabs(found - sum) <= added && fabs(found - exact) <= added + 0x1p-15 * magnitudes;
        }
    }
    check(right, name, "values", rows, depth, lanes, used);
    for (int other = 8; other <= 32; other *= 2) {
        float *moved = panel(depth, other, other, 0), *again = malloc(sizeof(float) * rows * other);
        void *q_moved = aligned(split_bytes(other, depth));
        for (int k = 0; k < depth; k++) {
            moved[k * other + other - 1] = x[k * lanes];
        }
        pack(moved, depth, other, q_moved);
        gemm(to, rows, depth, q_moved, other, other, again);
        right = 1;
        for (int n = 0; n < rows; n++) {
            right &= same(again[n * other + other - 1], y[n * lanes]);
        }
        check(right, name, "bits in another lane", rows, depth, lanes, other);
        free(moved);
        free(again);
        free(q_moved);
    }
    give_back(whole, size);
    free(x);
    free(y);
    free(to);
    free(q);
}

// Panels of keys and values end where the memory does; of the context only the wanted lanes may change.
static void test_attention(const char *name, bert4j_attention_f32 *attention, int size, int keys, int lanes, int used,
        int special) {
    static const int widths[] = {4, 8, 16, 32};
    const int kv_lanes = widths[next() % 4], first = (int) (next() % 50), heads = 1 + (int) (next() % 3);
    const int panels = (first + keys + kv_lanes - 1) / kv_lanes;
    const int64_t panel = (int64_t) heads * size * kv_lanes;
    const size_t floats = (size_t) (panels * panel);
    void *whole[2];
    size_t bytes[2];
    float *kv[2], *mask = malloc(sizeof(float) * keys), factor = special == 2 ? -0.5f : 1;
    for (int i = 0; i < 2; i++) {
        kv[i] = (float *) before_the_end(sizeof(float) * floats, &whole[i], &bytes[i]);
        for (size_t at = 0; at < floats; at++) {
            kv[i][at] = value() * (special == 4 ? 90 : 1);
        }
    }
    if (special == 3) {
        kv[next() % 2][next() % floats] = next() % 2 ? NAN : INFINITY;
    }
    for (int key = 0; key < keys; key++) {
        mask[key] = next() % 3 ? value() : -FLT_MAX;
    }
    float *q = malloc(sizeof(float) * size * lanes), *y = malloc(sizeof(float) * size * lanes);
    float *expected = malloc(sizeof(float) * size * lanes);
    for (int i = 0; i < size * lanes; i++) {
        q[i] = value() * (special == 4 ? 90 : 3);
    }
    const int64_t head = (int64_t) (next() % heads) * size * kv_lanes;
    memset(expected, 0x55, sizeof(float) * size * lanes);
    memset(y, 0x55, sizeof(float) * size * lanes);
    bert4j_attention_f32_portable(q, lanes, used, kv[0] + head, kv[1] + head, panel, kv_lanes, first, keys, size, 0.37f,
            special == 1 ? mask : NULL, factor, expected);
    attention(q, lanes, used, kv[0] + head, kv[1] + head, panel, kv_lanes, first, keys, size, 0.37f,
            special == 1 ? mask : NULL, factor, y);
    int right = 1;
    for (int i = 0; i < size * lanes; i++) {
        right &= same(y[i], expected[i]);
    }
    check(right, name, "attention", keys, size, lanes, used);
    for (int i = 0; i < 2; i++) {
        give_back(whole[i], bytes[i]);
    }
    free(mask);
    free(q);
    free(y);
    free(expected);
}

struct pointwise {
    bert4j_add_f32 *add;
    bert4j_gelu_f32 *gelu;
    bert4j_norm_f32 *norm;
    bert4j_rest_f32 *rest;
    bert4j_fold_f32 *fold;
    bert4j_short_gelu_f32 *short_gelu;
    bert4j_tanh_f32 *tanh;
};

#define POINTWISE(kind) {bert4j_add_f32_##kind, bert4j_gelu_f32_##kind, bert4j_norm_f32_##kind, bert4j_rest_f32_##kind,                  \
    bert4j_fold_f32_##kind, bert4j_short_gelu_f32_##kind, bert4j_tanh_f32_##kind}

static const struct pointwise portable = POINTWISE(portable);

// What surrounds the products, on panels that end where the memory does.
static void test_pointwise(const char *name, const struct pointwise *found, int rows, int lanes, int used,
        int special) {
    const size_t count = (size_t) rows * lanes;
    void *whole;
    size_t size;
    float *y = (float *) before_the_end(sizeof(float) * count, &whole, &size);
    float *x = panel(rows, lanes, lanes, special == 2 ? 0 : special), *expected = malloc(sizeof(float) * count);
    float *residual = panel(rows, lanes, lanes, 0), *weight = panel(rows, 1, 1, 0), *bias = panel(rows, 1, 1, 0);
    for (size_t i = 0; special == 2 && i < count; i++) {
        x[i] *= 20;
    }
    for (int what = 0; what < 11; what++) {
        const struct pointwise *by[] = {&portable, found};
        float *to[] = {expected, y};
        for (int i = 0; i < 2; i++) {
            memcpy(to[i], x, sizeof(float) * count);
            switch (what) {
                case 0: by[i]->add(to[i], lanes, rows, used, bias, NULL); break;
                case 1: by[i]->add(to[i], lanes, rows, used, NULL, residual); break;
                case 2: by[i]->gelu(to[i], lanes, rows, used, bias); break;
                case 3: by[i]->gelu(to[i], lanes, rows, used, NULL); break;
                case 4: by[i]->norm(x, to[i], lanes, rows, used, weight, bias, 1e-12f); break;
                case 5: by[i]->norm(to[i], to[i], lanes, rows, used, weight, bias, 1e-5f); break;
                case 6: by[i]->rest(x, rows, lanes, to[i], 0); break;
                case 7: by[i]->rest(x, rows / 2, lanes, to[i], 1); break;
                case 8: by[i]->fold(x, lanes, rows / 2, to[i]); break;
                case 9: by[i]->tanh(to[i], lanes, rows, used, bias); break;
                default: by[i]->short_gelu(to[i], lanes, rows, used, bias);
            }
        }
        int right = 1;
        for (size_t i = 0; i < count; i++) {
            right &= same(y[i], expected[i]);
        }
        check(right, name, "pointwise", what, rows, lanes, used);
    }
    give_back(whole, size);
    free(x);
    free(expected);
    free(residual);
    free(weight);
    free(bias);
}

// All numbers of sixteen bits, or bytes, in rows of any length, up to the end of what may be read.
static void test_widen(const char *name, bert4j_widen *widen, int stored, int rows, int depth) {
    void *whole;
    size_t size;
    const size_t count = (size_t) rows * depth, width = stored == BERT4J_STORED_S8 ? 1 : 2;
    char *w = before_the_end(count * width, &whole, &size);
    float *found = malloc(sizeof(float) * count), *expected = malloc(sizeof(float) * count);
    float *scales = malloc(sizeof(float) * rows);
    uint16_t half = (uint16_t) next();
    for (size_t i = 0; i < count; i++, half++) {
        memcpy(w + i * width, &half, width);
    }
    for (int row = 0; row < rows; row++) {
        scales[row] = value();
    }
    bert4j_widen_portable(w, stored, rows, depth, scales, expected);
    widen(w, stored, rows, depth, scales, found);
    int right = 1;
    for (size_t i = 0; i < count; i++) {
        right &= same(found[i], expected[i]);
    }
    check(right, name, "widened", rows, depth, stored, 0);
    give_back(whole, size);
    free(found);
    free(expected);
    free(scales);
}

struct kernel {
    const char *name;
    int needs;
    bert4j_gemm_f32 *f32;
    bert4j_attention_f32 *attention;
    struct pointwise pointwise;
    bert4j_widen *widen;
    bert4j_pack_s8 *pack_s8;
    bert4j_gemm_s8 *s8;
    bert4j_pack_bf16 *pack_bf16;
    bert4j_gemm_bf16 *bf16;
    bert4j_split_bf16x3 *split;
    bert4j_pack_bf16x3 *pack_bf16x3;
    bert4j_gemm_bf16x3 *bf16x3;
};

// Compiled with their instructions emulated, these need no more than AVX-512.
#if defined(EMULATED)
#define RARE(needs) BERT4J_AVX512_VNNI
#else
#define RARE(needs) needs
#endif

#define F32(kind, need)                                                                                                \
    {.name = "f32_" #kind, .needs = need, .f32 = bert4j_gemm_f32_##kind,                                               \
        .attention = bert4j_attention_f32_##kind, .pointwise = POINTWISE(kind),                            \
        .widen = bert4j_widen_##kind}
#define S8(kind, need)                                                                                                 \
    {.name = "s8_" #kind, .needs = need, .pack_s8 = bert4j_pack_s8_##kind, .s8 = bert4j_gemm_s8_##kind}
#define BF16(kind, need)                                                                                               \
    {.name = "bf16_" #kind, .needs = need, .pack_bf16 = bert4j_pack_bf16_##kind, .bf16 = bert4j_gemm_bf16_##kind}
#define BF16X3(kind, need)                                                                                             \
    {.name = "bf16x3_" #kind, .needs = need, .split = bert4j_split_bf16x3_##kind,                                      \
        .pack_bf16x3 = bert4j_pack_bf16x3_##kind, .bf16x3 = bert4j_gemm_bf16x3_##kind}

static const struct kernel kernels[] = {
    F32(portable, 0), S8(portable, 0), BF16(portable, 0), BF16X3(portable, 0),
#if defined(__x86_64__)
    F32(avx2, BERT4J_AVX2), F32(avx512, BERT4J_AVX512), S8(avx2, BERT4J_AVX2), S8(avx_vnni, RARE(BERT4J_AVX_VNNI)),
    S8(avx512_vnni, BERT4J_AVX512_VNNI), S8(amx_int8, RARE(BERT4J_AMX_INT8)), BF16(avx512_bf16, BERT4J_AVX512_BF16),
    BF16(amx_bf16, RARE(BERT4J_AMX_BF16)), BF16X3(amx_bf16, RARE(BERT4J_AMX_BF16) | BERT4J_AVX512_BF16),
#elif defined(__aarch64__)
    F32(neon, BERT4J_NEON), S8(dotprod, BERT4J_DOTPROD), S8(i8mm, BERT4J_I8MM), BF16(bf16, BERT4J_BF16),
#endif
};

static void test(const struct kernel *kernel, int rows, int depth, int lanes, int used, int special) {
    if (kernel->f32) {
        test_f32(kernel->name, kernel->f32, rows, depth, lanes, used, special);
    } else if (kernel->s8) {
        test_s8(kernel->name, kernel->pack_s8, kernel->s8, rows, depth, lanes, used, special);
    } else if (kernel->bf16x3) {
        test_bf16x3(kernel->name, kernel->split, kernel->pack_bf16x3, kernel->bf16x3, rows, depth, lanes, used,
                special);
    } else {
        test_bf16(kernel->name, kernel->pack_bf16, kernel->bf16, rows, depth, lanes, used, special);
    }
}

#if !defined(_WIN32)
// A file that is cut off while it is mapped: every product says so, in any thread's turn, and the next is right again.
static void test_cut_off_file(void) {
    enum { ROWS = 40, DEPTH = 768, LANES = 16 };
    const size_t bytes = sizeof(float) * ROWS * DEPTH;
    char name[] = "/tmp/bert4j-test-XXXXXX";
    int file = mkstemp(name);
    if (file < 0 || unlink(name) != 0 || ftruncate(file, (off_t) bytes) != 0) {
        printf("not run: a file that is cut off, as there is none\n");
        return;
    }
    void *w = mmap(NULL, bytes, PROT_READ, MAP_SHARED, file, 0);
    static float x[DEPTH * LANES], y[ROWS * LANES], scales[ROWS], x_scales[LANES];
    static int32_t sums[ROWS];
    static float widened_rows[ROWS * DEPTH];
    const int step = 4 * DEPTH;
    check(bert4j_guard() == 0 && bert4j_guard() == 0, "guard", "twice", 0, 0, 0, 0);
    for (int cut = 0; cut < 2; cut++) {
        if (cut && ftruncate(file, 4096) != 0) {
            break;
        }
        for (int again = 0; again < 2; again++) {
            check(bert4j_guarded_f32(bert4j_gemm_f32_portable, w, step, ROWS, DEPTH, x, LANES, LANES, y) == cut,
                    "guard", "fp32", ROWS, DEPTH, LANES, LANES);
            check(bert4j_guarded_s8(bert4j_gemm_s8_portable, w, step, ROWS, DEPTH, scales, sums, x, x_scales, LANES,
                    LANES, y) == cut, "guard", "int8", ROWS, DEPTH, LANES, LANES);
            check(bert4j_guarded_bf16(bert4j_gemm_bf16_portable, w, step, ROWS, DEPTH, x, LANES, LANES, y) == cut,
                    "guard", "bf16", ROWS, DEPTH, LANES, LANES);
            check(bert4j_guarded_widen(bert4j_widen_portable, w, BERT4J_STORED_S8, ROWS, DEPTH, scales, widened_rows)
                    == cut, "guard", "widened", ROWS, DEPTH, 0, 0);
            check(bert4j_guarded_sums_s8(w, step, ROWS, DEPTH, sums) == cut, "guard", "sums", ROWS, DEPTH, 0, 0);
            check(bert4j_guarded_split(bert4j_split_bf16x3_portable, w, step, ROWS, DEPTH, widened_rows) == cut,
                    "guard", "split", ROWS, DEPTH, 0, 0);
        }
    }
    check(bert4j_keep_signals() == 0, "signals", "kept", 0, 0, 0, 0);
    void (*handler)(int) = signal(SIGFPE, SIG_IGN);
    signal(SIGBUS, SIG_DFL);
    check(bert4j_restore_signals() == 0 && signal(SIGFPE, handler) == handler, "signals", "restored", 0, 0, 0, 0);
    check(bert4j_guarded_sums_s8(w, step, ROWS, DEPTH, sums) == 1, "guard", "behind others", ROWS, DEPTH, 0, 0);
    munmap(w, bytes);
    close(file);
}
#endif

int main(void) {
    static const int depths[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 63, 64, 65, 100, 127, 129, 256, 300, 768};
    static const int rows[] = {1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 16, 17, 24, 25, 36, 64, 83, 100};
    static const int lanes[] = {8, 16, 24, 32};
    if (bert4j_abi() != BERT4J_ABI) {
        printf("The library is of another version than its header.\n");
        return 1;
    }
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
        if ((bert4j_features() & kernels[i].needs) != kernels[i].needs) {
            printf("not run: %s, which this processor has not\n", kernels[i].name);
            continue;
        }
        int before = passed;
        for (size_t d = 0; d < sizeof depths / sizeof *depths; d++) {
            for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
                int width = lanes[next() % 4];
                test(&kernels[i], rows[r], depths[d], width, 1 + (int) (next() % width), (int) (next() % 3));
            }
        }
        for (int used = 1; used <= 32; used++) {
            for (int width = 0; width < 4; width++) {
                if (used <= lanes[width]) {
                    test(&kernels[i], 13, 37, lanes[width], used, 0);
                }
            }
        }
        for (int special = 0; special < 5; special++) {
            test(&kernels[i], 30, 768, 32, 32, special);
            test(&kernels[i], 131, 96, 16, 16, special);
            test(&kernels[i], 25, 3072, 8, 5, special);
            test(&kernels[i], 2, 65536, 16, 3, special);
        }
        for (int stored = 0; kernels[i].widen && stored < 3; stored++) {
            test_widen(kernels[i].name, kernels[i].widen, stored, 257, 256);
            for (int depth = 1; depth < 40; depth++) {
                test_widen(kernels[i].name, kernels[i].widen, stored, 3, depth);
            }
        }
        for (int round = 0; kernels[i].attention && round < 300; round++) {
            static const int sizes[] = {1, 3, 8, 12, 20, 32, 64, 80};
            const int width = lanes[next() % 4];
            const int used = 8 * (1 + (int) (next() % (width / 8)));
            test_pointwise(kernels[i].name, &kernels[i].pointwise, 1 + (int) (next() % 100), width, used, round % 3);
            const int keys = next() % 2 ? 1 + (int) (next() % 40) : 120 + (int) (next() % 200);
            test_attention(kernels[i].name, kernels[i].attention, sizes[next() % 8], keys, width, used,
                    round % 5);
        }
        printf("%s: %d checks\n", kernels[i].name, passed - before);
    }
#if !defined(_WIN32)
    test_cut_off_file();
#endif
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
