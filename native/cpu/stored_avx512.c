// fp32 with AVX-512, of weights that are stored in fewer bits. With eight tokens, and with sixteen those of int8, rows are
// lanes; what is not a whole tile of these is left to AVX2. More are multiplied as stored.h does.
#define AHEAD 512
#include "sixteen_rows.h"

#define LANES 16
#define OP(name) _mm512_##name
#define VECTOR __m512
#define INTS __m512i
#define JOIN(lanes, i, at, count)                                                                                      \
    _mm512_inserti32x4(_mm512_inserti32x4(_mm512_inserti32x4(_mm512_castsi128_si512(                                   \
            piece_of(row_of(lanes, i, at), count)), piece_of(row_of(lanes, i + 4, at), count), 1),                     \
            piece_of(row_of(lanes, i + 8, at), count), 2), piece_of(row_of(lanes, i + 12, at), count), 3)
#define OF_HALVES(x) _mm512_cvtph_ps(_mm512_cvtepi32_epi16(x))
#include "fours.h"
TILE_BY_FOURS(bf16_by_eight, BERT4J_STORED_BF16, 0, TOKENS)
TILE_BY_FOURS(f16_by_eight, BERT4J_STORED_F16, 0, TOKENS)
TILE_BY_FOURS(s8_by_eight, BERT4J_STORED_S8, 0, TOKENS)
TILE_BY_FOURS(scaled_s8_by_eight, BERT4J_STORED_S8, 1, TOKENS)
TILE_BY_FOURS(s8_by_sixteen, BERT4J_STORED_S8, 0, SIXTEEN)
TILE_BY_FOURS(scaled_s8_by_sixteen, BERT4J_STORED_S8, 1, SIXTEEN)

// So many lanes of a panel, with rows for lanes.
static void rows_in_lanes(const struct product *p, int stored, int tokens, int first) {
    tile_of_lanes *const tile = stored == BERT4J_STORED_BF16 ? bf16_by_eight
            : stored == BERT4J_STORED_F16 ? f16_by_eight
            : tokens == TOKENS ? p->columns ? scaled_s8_by_eight : s8_by_eight
            : p->columns ? scaled_s8_by_sixteen : s8_by_sixteen;
    const int rest = rows_by(SIXTEEN, p, tile, first);
    if (rest) {
        // As a panel of its own would have to have so many lanes, all up to these are multiplied.
        const struct product last = last_rows(p, rest);
        bert4j_gemm_stored_f32_avx2(last.w, stored, rest, last.depth, last.w_scales, last.columns, (const float *) last.x,
                last.lanes, first + tokens, last.y);
    }
}

// Sixteen weights of a row from column k on, those that are not in the mask 0, as bert4j_widen makes them.
static inline __attribute__((always_inline)) __m512 widened(const struct product *p, const int stored, const char *w,
        int row, int k, __mmask16 mask) {
    switch (stored) {
        case BERT4J_STORED_BF16:
            return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, w)), 16));
        case BERT4J_STORED_F16:
            return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, w));
        default: {
            const __m512 scaled = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(mask, w))),
                    _mm512_set1_ps(p->w_scales[row]));
            return p->columns ? _mm512_mul_ps(scaled, _mm512_maskz_loadu_ps(mask, p->columns + k)) : scaled;
        }
    }
}

// So many weights of a row, and something up to a multiple of sixteen.
static inline __attribute__((always_inline)) void widen(const struct product *p, const int stored, const char *w, int row,
        int at, const int count, float *to) {
    for (int i = 0; i < count; i += SIXTEEN) {
        const __mmask16 mask = (__mmask16) (count - i < SIXTEEN ? (1 << (count - i)) - 1 : 0xFFFF);
        _mm512_storeu_ps(to + i, widened(p, stored, w + stored_bytes(stored) * i, row, at + i, mask));
    }
}

#define ZERO _mm512_setzero_ps
#define LOAD _mm512_loadu_ps
#define BROADCAST(p) _mm512_set1_ps(*(p))
#define FMA _mm512_fmadd_ps
#define STORE _mm512_storeu_ps
#define PAIRS __m512i
#define BROADCAST_PAIR(w) _mm512_set1_epi32(int_at(w))
#define FIRST(pairs) _mm512_castsi512_ps(_mm512_slli_epi32(pairs, 16))
#define SECOND(pairs) _mm512_castsi512_ps(_mm512_and_si512(pairs, _mm512_set1_epi32((int) 0xFFFF0000)))
#define WIDEN widen
#define WIDE 8
#define NARROW 8
#include "stored.h"

void bert4j_gemm_stored_f32_avx512(const void *w, int stored, int rows, int depth, const float *scales,
        const float *columns, const float *x, int lanes, int used, float *y) {
    const int width = stored_bytes(stored), pairs = stored == BERT4J_STORED_BF16 && depth % 2 == 0;
    const struct product p = {.w = w, .step = (int64_t) width * depth, .rows = rows, .depth = depth, .width = width,
        .x = (const char *) x, .lanes = lanes, .y = y, .w_scales = scales, .columns = columns};
    for (int first = 0; first < used;) {
        const int vectors = vectors_of_sixteen(used - first, lanes - first);
        const int tokens = vectors == 0 ? TOKENS : vectors * SIXTEEN;
        if (vectors == 0 || (vectors == 1 && stored == BERT4J_STORED_S8)) {
            rows_in_lanes(&p, stored, tokens, first);
        } else if (pairs) {
            vectors_bf16(&p, vectors, first);
        } else {
            rows_widened(&p, stored, vectors, first);
        }
        first += tokens;
    }
}
