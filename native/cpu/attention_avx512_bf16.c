// Attention in bf16 by AVX512-BF16, which adds two products to fp32.
#include "functions.h"
#include "product.h"
#include "tiles.h"

// Rows that are multiplied side by side: with two vectors, sixteen sums, which hide how long an addition takes.
enum { ROWS = 8 };

static inline __attribute__((always_inline)) void multiply_rows(const char *w, const char *x, int depth, float *y,
        int adds, const int vectors) {
    __m512 sums[ROWS][2];
#pragma GCC unroll 8
    for (int r = 0; r < ROWS; r++) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            sums[r][v] = adds ? _mm512_load_ps(y + (r * vectors + v) * 16) : _mm512_setzero_ps();
        }
    }
    for (; depth > 0; depth -= STEP, w += TILE, x += vectors * TILE) {
        const int there = depth < STEP ? (depth + 1) / 2 : STEP / 2;
        for (int pair = 0; pair < there; pair++) {
            __m512bh xs[2];
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) {
                xs[v] = (__m512bh) _mm512_load_si512(x + v * TILE + pair * LINE);
            }
#pragma GCC unroll 8
            for (int r = 0; r < ROWS; r++) {
                const __m512bh weight = (__m512bh) _mm512_set1_epi32(int_at(w + r * LINE + 4 * pair));
#pragma GCC unroll 2
                for (int v = 0; v < vectors; v++) {
                    sums[r][v] = _mm512_dpbf16_ps(sums[r][v], xs[v], weight);
                }
            }
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < ROWS; r++) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            _mm512_store_ps(y + (r * vectors + v) * 16, sums[r][v]);
        }
    }
}

// Each a function of its own, so that GCC keeps its sums in registers.
static __attribute__((noinline)) void rows_of_one(const char *w, const char *x, int depth, float *y, int adds) {
    multiply_rows(w, x, depth, y, adds, 1);
}

static __attribute__((noinline)) void rows_of_two(const char *w, const char *x, int depth, float *y, int adds) {
    multiply_rows(w, x, depth, y, adds, 2);
}

static inline __attribute__((always_inline)) void multiply(const char *w, int64_t apart, const char *x, int rows,
        int depth, float *y, int adds, const int vectors) {
    for (int row = 0; row < rows && row < 2 * SIDE; row += ROWS) {
        (vectors == 1 ? rows_of_one : rows_of_two)(w + row / SIDE * apart + row % SIDE * LINE, x, depth,
                y + row * 16 * vectors, adds);
    }
}

#include "attention_bf16.h"

void bert4j_pack_attention_bf16_avx512_bf16(const float *k, const float *v, int64_t panel, int kv_lanes, int first,
        int keys, int size, void *to) {
    pack(k, v, panel, kv_lanes, first, keys, size, to);
}

void bert4j_attention_bf16_avx512_bf16(const float *q, int lanes, int used, const void *packed, int keys, int size,
        float scale, const float *mask, float factor, float *context) {
    attention(q, lanes, used, packed, keys, size, scale, mask, factor, context);
}
