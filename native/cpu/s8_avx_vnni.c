// int8 with AVX-VNNI: vectors of eight lanes, sixteen registers.
#define DPBUSD _mm256_dpbusd_avx_epi32
#define YMM_NARROW 6
#include "s8_vnni.h"

void bert4j_pack_s8_avx_vnni(const float *x, int depth, int lanes, void *q, float *scales) {
    pack_s8(x, depth, lanes, q, scales, 0x80);
}

void bert4j_gemm_s8_avx_vnni(const void *w, int64_t step, int rows, int depth, const float *w_scales,
        const struct bert4j_row *known, const void *q, const float *x_scales, int lanes, int used, float *y) {
    const struct product p = {.w = w, .step = step, .rows = rows, .depth = depth, .width = 1, .x = q, .lanes = lanes,
        .y = y, .w_scales = w_scales, .known = known, .x_scales = x_scales};
    gemm_ymm(&p, used);
}
