// bf16 with AMX.
#include "pack_avx2.h"

#define DOT _tile_dpbf16ps
#define STORE_TILE store_tile

static void store_tile(const struct product *p, const int32_t *sums, int row, int rows, int lane, int lanes) {
    for (int r = 0; r < rows; r++) {
        memcpy(p->y + (int64_t) (row + r) * p->lanes + lane, sums + 16 * r, 4 * lanes);
    }
}

#include "amx.h"

void bert4j_pack_bf16_amx_bf16(const float *x, int depth, int lanes, void *q) {
    pack_bf16(x, depth, lanes, q);
}

void bert4j_gemm_bf16_amx_bf16(const void *w, int64_t step, int rows, int depth, const void *q, int lanes, int used,
        float *y) {
    const struct product p = {.w = w, .step = step, .rows = rows, .depth = depth, .width = 2, .x = q, .lanes = lanes,
        .y = y};
    gemm_tiles(&p, used);
}
