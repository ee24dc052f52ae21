// fp32 with AVX2, of weights that are stored in fewer bits: see stored.h. Rows of int8 are lanes where tokens are eight.
#define AHEAD 256
#include "eight_rows.h"
#include "row_lanes.h"
#include "widen_ymm.h"

#define VECTOR __m256
#define INTS __m256i
#define LANES 8
#define OP(name) _mm256_##name
#define JOIN(lanes, i, at, count)                                                                                      \
    _mm256_inserti128_si256(_mm256_castsi128_si256(piece_of(row_of(lanes, i, at), count)),                             \
            piece_of(row_of(lanes, i + 4, at), count), 1)
enum { EIGHT = LANES };

// Eight rows of eight tokens.
static inline void store_tokens(const struct product *p, __m256 sums[8], int tokens, int row, int64_t apart, int first) {
    float y[TOKENS][LANES];
    for (int t = 0; t < tokens; t++) {
        _mm256_storeu_ps(y[t], sums[t]);
    }
    for (int r = 0; r < LANES; r++) {
        for (int t = 0; t < tokens; t++) {
            p->y[(row + r * apart) * p->lanes + first + t] = y[t][r];
        }
    }
}

#include "fours.h"
TILE_BY_FOURS(s8_by_eight, BERT4J_STORED_S8, 0, TOKENS)
TILE_BY_FOURS(scaled_s8_by_eight, BERT4J_STORED_S8, 1, TOKENS)

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

// Eight lanes of a panel.
static void s8_of_eight(const struct product *p, int first) {
    const int rest = rows_by(EIGHT, p, p->columns ? scaled_s8_by_eight : s8_by_eight, first);
    const struct product last = last_rows(p, rest);
    rows_widened(&last, BERT4J_STORED_S8, 1, first);
}

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
        const int vectors = used - first > 8 ? 2 : 1;
        if (vectors == 1 && stored == BERT4J_STORED_S8) {
            s8_of_eight(&p, first);
        } else {
            rows_widened(&p, stored, vectors, first);
        }
    }
}
