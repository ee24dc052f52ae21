// int8 with AMX.
#include "pack_avx512.h"

#define DOT _tile_dpbssd
#define STORE(tile, row, lane, rows, columns)                                                                          \
    {                                                                                                                  \
        int32_t sums[SIDE * SIDE] __attribute__((aligned(64)));                                                        \
        _tile_stored(tile, sums, LINE);                                                                                \
        store_tile(p, sums, row, rows, lane, columns);                                                                 \
    }

static void store_tile(const struct product *p, const int32_t *sums, int row, int rows, int lane, int lanes) {
    if (lanes == 16) {
        const __m512 x_scales = _mm512_loadu_ps(p->x_scales + lane);
        for (int r = 0; r < rows; r++) {
            const __m512 scale = _mm512_mul_ps(x_scales, _mm512_set1_ps(p->w_scales[row + r]));
            const __m512 exact = _mm512_cvtepi32_ps(_mm512_load_si512(sums + 16 * r));
            _mm512_storeu_ps(p->y + (int64_t) (row + r) * p->lanes + lane, _mm512_mul_ps(exact, scale));
        }
        return;
    }
    for (int r = 0; r < rows; r++) {
        for (int l = 0; l < lanes; l += 8) {
            store_s8(p, _mm256_loadu_si256((const __m256i *) (sums + 16 * r + l)), row + r, lane + l);
        }
    }
}

#include "amx.h"

void bert4j_pack_s8_amx_int8(const float *x, int depth, int lanes, void *q, float *scales) {
    pack_s8_avx512(x, depth, lanes, q, scales, 0);
}

void bert4j_gemm_s8_amx_int8(const void *w, int64_t step, int rows, int depth, const float *w_scales,
        const struct bert4j_row *known, const void *q, const float *x_scales, int lanes, int used, float *y) {
    const struct product p = {.w = w, .step = step, .rows = rows, .depth = depth, .width = 1, .x = q, .lanes = lanes,
        .y = y, .w_scales = w_scales, .known = known, .x_scales = x_scales};
    gemm_tiles(&p, used);
}
