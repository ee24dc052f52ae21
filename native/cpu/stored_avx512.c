// fp32 with AVX-512, of weights that are stored in fewer bits. Eight tokens are multiplied as sixteen_rows.h does, in which
// what is not a whole tile is left to AVX2, and more as stored.h does.
#define AHEAD 512
#include "sixteen_rows.h"

#define TILE(name, as)                                                                                                 \
    static __attribute__((noinline)) void name(const struct product *p, int row, int64_t apart, int first) {           \
        sixteen_by_eight(p, as, row, apart, first);                                                                    \
    }
TILE(bf16_by_eight, BERT4J_STORED_BF16)
TILE(f16_by_eight, BERT4J_STORED_F16)
TILE(s8_by_eight, BERT4J_STORED_S8)

// Eight lanes of a panel.
static void gemm_of_eight(const struct product *p, int stored, int first) {
    static tile_of_sixteen *const tiles[] = {bf16_by_eight, f16_by_eight, s8_by_eight};
    const int rest = rows_by_eight(p, tiles[stored], first), done = p->rows - rest;
    if (rest) {
        // As a panel of its own would have to have eight lanes, all up to these are multiplied.
        bert4j_gemm_stored_f32_avx2(p->w + done * p->step, stored, rest, p->depth, p->w_scales ? p->w_scales + done : NULL,
                p->columns, (const float *) p->x, p->lanes, first + TOKENS, p->y + (int64_t) done * p->lanes);
    }
}

// So many weights of a row, and something up to a multiple of sixteen.
static inline __attribute__((always_inline)) void widen(const struct product *p, const int stored, const char *w, int row,
        int at, const int count, float *to) {
    for (int i = 0; i < count; i += SIXTEEN) {
        const __mmask16 mask = (__mmask16) (count - i < SIXTEEN ? (1 << (count - i)) - 1 : 0xFFFF);
        _mm512_storeu_ps(to + i, sixteen_weights(p, stored, w + stored_bytes(stored) * i, row, at + i, mask));
    }
}

#define VECTOR __m512
#define LANES 16
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
        if (vectors == 0) {
            gemm_of_eight(&p, stored, first);
        } else if (pairs) {
            vectors_bf16(&p, vectors, first);
        } else {
            rows_widened(&p, stored, vectors, first);
        }
        first += vectors == 0 ? TOKENS : vectors * SIXTEEN;
    }
}
