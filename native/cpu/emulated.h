// Instructions that few CPUs have, for tests: the files of their kernels are compiled with this included first, which
// puts functions in the place of the intrinsics, AMX in plain C and AVX-VNNI by the same instruction of AVX-512. It checks
// what the CPU would fault on.
#ifndef BERT4J_EMULATED_H
#define BERT4J_EMULATED_H

#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct {
    int rows[8];
    int row_bytes[8];
    unsigned char bytes[8][16][64];
} emulated;

__attribute__((unused)) static void emulated_loadconfig(const void *config) {
    const unsigned char *bytes = config;
    if (bytes[0] != 1) {
        abort();
    }
    for (int t = 0; t < 8; t++) {
        emulated.row_bytes[t] = bytes[16 + 2 * t] | bytes[17 + 2 * t] << 8;
        emulated.rows[t] = bytes[48 + t];
        if (emulated.row_bytes[t] > 64 || emulated.row_bytes[t] % 4 != 0 || emulated.rows[t] > 16
                || (emulated.row_bytes[t] == 0) != (emulated.rows[t] == 0)) {
            abort();
        }
    }
    memset(emulated.bytes, 0, sizeof emulated.bytes);
}

__attribute__((unused)) static void emulated_need(int t) {
    if (emulated.rows[t] == 0) {
        abort();
    }
}

__attribute__((unused)) static void emulated_zero(int t) {
    emulated_need(t);
    memset(emulated.bytes[t], 0, sizeof emulated.bytes[t]);
}

__attribute__((unused)) static void emulated_load(int t, const void *from, size_t step) {
    emulated_need(t);
    memset(emulated.bytes[t], 0, sizeof emulated.bytes[t]);
    for (int r = 0; r < emulated.rows[t]; r++) {
        memcpy(emulated.bytes[t][r], (const char *) from + (size_t) r * step, (size_t) emulated.row_bytes[t]);
    }
}

__attribute__((unused)) static void emulated_store(int t, void *to, size_t step) {
    emulated_need(t);
    for (int r = 0; r < emulated.rows[t]; r++) {
        memcpy((char *) to + (size_t) r * step, emulated.bytes[t][r], (size_t) emulated.row_bytes[t]);
    }
}

// Shapes must fit: a sum has the rows of the weights and the row bytes of the activations.
__attribute__((unused)) static void emulated_fit(int c, int a, int b) {
    if (emulated.rows[c] != emulated.rows[a] || emulated.row_bytes[c] != emulated.row_bytes[b]
            || emulated.row_bytes[a] / 4 != emulated.rows[b] || emulated.rows[c] == 0) {
        abort();
    }
}

__attribute__((unused)) static void emulated_dot_s8(int c, int a, int b) {
    emulated_fit(c, a, b);
    for (int m = 0; m < emulated.rows[c]; m++) {
        for (int n = 0; n < emulated.row_bytes[c] / 4; n++) {
            int32_t sum;
            memcpy(&sum, &emulated.bytes[c][m][4 * n], 4);
            for (int k = 0; k < emulated.row_bytes[a]; k++) {
                sum += (signed char) emulated.bytes[a][m][k] * (signed char) emulated.bytes[b][k / 4][4 * n + k % 4];
            }
            memcpy(&emulated.bytes[c][m][4 * n], &sum, 4);
        }
    }
}

__attribute__((unused)) static float emulated_bf16(const unsigned char *at) {
    uint32_t bits = (uint32_t) (at[0] | at[1] << 8) << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

__attribute__((unused)) static void emulated_dot_bf16(int c, int a, int b) {
    emulated_fit(c, a, b);
    for (int m = 0; m < emulated.rows[c]; m++) {
        for (int n = 0; n < emulated.row_bytes[c] / 4; n++) {
            float sum;
            memcpy(&sum, &emulated.bytes[c][m][4 * n], 4);
            for (int k = 0; k < emulated.row_bytes[a] / 2; k++) {
                sum = fmaf(emulated_bf16(&emulated.bytes[a][m][2 * k]),
                        emulated_bf16(&emulated.bytes[b][k / 2][4 * n + k % 2 * 2]), sum);
            }
            memcpy(&emulated.bytes[c][m][4 * n], &sum, 4);
        }
    }
}

#undef _tile_loadd
#undef _tile_stored
#undef _tile_zero
#undef _tile_dpbssd
#undef _tile_dpbf16ps
#define _tile_loadconfig emulated_loadconfig
#define _tile_release() memset(&emulated, 0, sizeof emulated)
#define _tile_loadd emulated_load
#define _tile_stored emulated_store
#define _tile_zero emulated_zero
#define _tile_dpbssd emulated_dot_s8
#define _tile_dpbf16ps emulated_dot_bf16
#define _mm256_dpbusd_avx_epi32 _mm256_dpbusd_epi32

#endif
