// fp32 with AVX2, of weights that are stored in fewer bits. Two bf16 are widened where they are multiplied. That takes too
// long for the others: see widened.h.
#define AHEAD 256
#include "eight_rows.h"
#include "widen_ymm.h"

// Of two k.
struct pair {
    __m256 first, second;
};

static inline struct pair load_pair(const char *x, int64_t step) {
    return (struct pair) {_mm256_loadu_ps((const float *) x), _mm256_loadu_ps((const float *) (x + step))};
}

static inline struct pair pair_of(const char *w) {
    const __m256i both = _mm256_set1_epi32(int_at(w));
    return (struct pair) {_mm256_castsi256_ps(_mm256_slli_epi32(both, 16)),
        _mm256_castsi256_ps(_mm256_and_si256(both, _mm256_set1_epi32((int) 0xFFFF0000)))};
}

static inline __m256 madd_pair(__m256 sum, struct pair x, struct pair w) {
    return _mm256_fmadd_ps(w.second, x.second, _mm256_fmadd_ps(w.first, x.first, sum));
}

#define NAME(x) x##_bf16
#define VECTOR __m256
#define LANES 8
#define ZERO _mm256_setzero_ps
#define INPUT struct pair
#define X_ROWS 2
#define LOAD(p) load_pair(p, x_step / 2)
#define WEIGHT struct pair
#define BROADCAST(p) pair_of(p)
#define MADD madd_pair
#define STORE(p, sum, row, lane) _mm256_storeu_ps((p)->y + (int64_t) (row) * (p)->lanes + (lane), sum)
#define WHOLE_LINE eight_rows_of_bf16
#define WIDE 8
#define NARROW 4
#include "gemm.h"

#define NAME(x) x##_widened
#define VECTOR __m256
#define LANES 8
#define ZERO _mm256_setzero_ps
#define LOAD _mm256_loadu_ps
#define BROADCAST _mm256_broadcast_ss
#define FMA _mm256_fmadd_ps
#define STORE _mm256_storeu_ps
#define WIDEN(p, stored, w, row, at, count, to)                                                                        \
    widen_ymm(w, stored, 1, count, (p)->w_scales ? (p)->w_scales + (row) : NULL,                                       \
            (p)->columns ? (p)->columns + (at) : NULL, to)
#define EIGHT_ROWS eight_rows
#define NARROW 4
#include "widened.h"

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
