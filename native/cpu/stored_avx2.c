// fp32 with AVX2, of weights that are stored in fewer bits: see stored.h.
#define AHEAD 256
#include "eight_rows.h"
#include "widen_ymm.h"

#define VECTOR __m256
#define LANES 8
#define ZERO _mm256_setzero_ps
#define LOAD _mm256_loadu_ps
#define BROADCAST _mm256_broadcast_ss
#define FMA _mm256_fmadd_ps
#define STORE _mm256_storeu_ps
#define PAIRS __m256i
#define BROADCAST_PAIR(w) _mm256_set1_epi32(int_at(w))
#define FIRST(pairs) _mm256_castsi256_ps(_mm256_slli_epi32(pairs, 16))
#define SECOND(pairs) _mm256_castsi256_ps(_mm256_and_si256(pairs, _mm256_set1_epi32((int) 0xFFFF0000)))
#define WIDEN(p, stored, w, row, at, count, to)                                                                        \
    widen_ymm(w, stored, 1, count, (p)->w_scales ? (p)->w_scales + (row) : NULL,                                       \
            (p)->columns ? (p)->columns + (at) : NULL, to)
#define EIGHT_ROWS eight_rows
#define WHOLE_LINE eight_rows_of_bf16
#define WIDE 8
#define NARROW 4
#include "stored.h"

void bert4j_gemm_stored_f32_avx2(const void *w, int stored, int rows, int depth, const float *scales,
        const float *columns, const float *x, int lanes, int used, float *y) {
    const int width = stored_bytes(stored);
    const struct product p = {.w = w, .step = (int64_t) width * depth, .rows = rows, .depth = depth, .width = width,
        .x = (const char *) x, .lanes = lanes, .y = y, .w_scales = scales, .columns = columns};
    if (stored == BERT4J_STORED_BF16 && depth % 2 == 0) {
        gemm_bf16(&p, used);
        return;
    }
    for (int first = 0; first < used; first += 16) {
        rows_widened(&p, stored, used - first > 8 ? 2 : 1, first);
    }
}
