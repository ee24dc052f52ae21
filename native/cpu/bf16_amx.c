// bf16 with AMX.
#include "bf16_tiles.h"

void bert4j_pack_bf16_amx_bf16(const float *x, int depth, int lanes, void *q) {
    pack_bf16(x, depth, lanes, q);
}

void bert4j_gemm_bf16_amx_bf16(const void *w, int64_t step, int rows, int depth, const void *q, int lanes, int used,
        float *y) {
    const struct product p = {.w = w, .step = step, .rows = rows, .depth = depth, .width = 2, .x = q, .lanes = lanes,
        .y = y};
    gemm_tiles(&p, used);
}
