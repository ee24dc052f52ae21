// fp32 with AVX2, of weights that are stored in fewer bits. Two bf16 are widened where they are multiplied. That takes too
// long for the others, of which a few of some rows are widened at a time, into the first-level cache.
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

// Weights of a row that are widened at once, and rows side by side with one vector and with two.
enum { AT_ONCE = 32, ROWS_OF_ONE = 8, ROWS_OF_TWO = 4 };

// What is multiplied: a product, and of bytes the scales.
struct stored {
    struct product p;
    const float *scales;
    const float *columns;
};

// So many weights of a row, from column `at` on.
static inline __attribute__((always_inline)) void widen(const struct stored *s, const int stored, int row, int at,
        const int count, float *to) {
    const int width = stored == BERT4J_STORED_S8 ? 1 : 2;
    const char *const w = s->p.w + row * s->p.step + (int64_t) width * at;
    __builtin_prefetch(w + AHEAD);
    widen_ymm(w, stored, 1, count, s->scales ? s->scales + row : NULL, s->columns ? s->columns + at : NULL, to);
}

// As in gemm.h: rows that lie `apart` rows from each other with one or two vectors of the panel.
static inline __attribute__((always_inline)) void tile(const struct stored *s, const int stored, int row, int apart,
        const int rows, const int vectors, int first) {
    const struct product *const p = &s->p;
    __m256 sums[ROWS_OF_ONE][2];
    float wide[ROWS_OF_ONE][AT_ONCE] __attribute__((aligned(32)));
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            sums[r][v] = _mm256_setzero_ps();
        }
    }
    const float *x = (const float *) p->x + first;
    for (int at = 0; at < p->depth; at += AT_ONCE) {
        const int count = p->depth - at < AT_ONCE ? p->depth - at : AT_ONCE;
        for (int r = 0; r < rows; r++) {
            if (count == AT_ONCE) {
                widen(s, stored, row + r * apart, at, AT_ONCE, wide[r]);
            } else {
                widen(s, stored, row + r * apart, at, count, wide[r]);
            }
        }
        int k = 0;
        _Static_assert(ROWS_OF_ONE == 8, "eight_rows takes eight rows");
        if (rows == ROWS_OF_ONE && vectors == 1) {
            for (; k + 16 <= count; k += 16, x += 16 * (int64_t) p->lanes) {
                eight_rows(sums, (const char *) &wide[0][k], (const char *) &wide[4][k], sizeof wide[0], (const char *) x,
                        4 * (int64_t) p->lanes);
            }
        }
        for (; k < count; k++, x += p->lanes) {
            __m256 xs[2];
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) {
                xs[v] = _mm256_loadu_ps(x + 8 * v);
            }
#pragma GCC unroll 8
            for (int r = 0; r < rows; r++) {
                const __m256 weight = _mm256_broadcast_ss(&wide[r][k]);
#pragma GCC unroll 2
                for (int v = 0; v < vectors; v++) {
                    sums[r][v] = _mm256_fmadd_ps(weight, xs[v], sums[r][v]);
                }
            }
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            _mm256_storeu_ps(p->y + (int64_t) (row + r * apart) * p->lanes + first + 8 * v, sums[r][v]);
        }
    }
}

#define SIZE(name, as, rows, vectors)                                                                                  \
    static __attribute__((noinline)) void name(const struct stored *s, int row, int apart, int first) {                \
        tile(s, as, row, apart, rows, vectors, first);                                                                 \
    }
#define SIZES(kind, as)                                                                                                \
    SIZE(kind##_wide, as, ROWS_OF_ONE, 1)                                                                              \
    SIZE(kind##_narrow, as, ROWS_OF_TWO, 2)                                                                            \
    SIZE(kind##_one_wide, as, 1, 1)                                                                                    \
    SIZE(kind##_one_narrow, as, 1, 2)
SIZES(bf16, BERT4J_STORED_BF16)
SIZES(f16, BERT4J_STORED_F16)
SIZES(s8, BERT4J_STORED_S8)

typedef void tile_of(const struct stored *s, int row, int apart, int first);

void bert4j_gemm_stored_f32_avx2(const void *w, int stored, int rows, int depth, const float *scales,
        const float *columns, const float *x, int lanes, int used, float *y) {
    // By enum bert4j_stored, for two vectors and for one.
    static tile_of *const several[][2] = {{bf16_narrow, bf16_wide}, {f16_narrow, f16_wide}, {s8_narrow, s8_wide}};
    static tile_of *const single[][2] = {{bf16_one_narrow, bf16_one_wide}, {f16_one_narrow, f16_one_wide},
        {s8_one_narrow, s8_one_wide}};
    const int width = stored == BERT4J_STORED_S8 ? 1 : 2;
    const struct stored s = {.p = {.w = w, .step = (int64_t) width * depth, .rows = rows, .depth = depth, .width = width,
        .x = (const char *) x, .lanes = lanes, .y = y}, .scales = scales, .columns = columns};
    if (stored == BERT4J_STORED_BF16 && depth % 2 == 0) {
        gemm_bf16(&s.p, used);
        return;
    }
    for (int first = 0; first < used; first += 16) {
        const int one = used - first <= 8;
        const int side_by_side = one ? ROWS_OF_ONE : ROWS_OF_TWO;
        const int tiles = rows / side_by_side;
        for (int row = 0; row < tiles; row++) {
            several[stored][one](&s, row, tiles, first);
        }
        for (int row = tiles * side_by_side; row < rows; row++) {
            single[stored][one](&s, row, 1, first);
        }
    }
}
