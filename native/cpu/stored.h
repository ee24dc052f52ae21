// The product in fp32 of weights that are stored in fewer bits. Two bf16 are widened where they are multiplied. That takes
// too long for the others, of which a few of some rows are widened at a time, into the first-level cache. A file includes
// it once, with product.h, for vectors of one kind:
//     VECTOR, LANES   of sums, and how many it has
//     ZERO(), LOAD(p), BROADCAST(p), FMA(a, b, sum), STORE(p, sums)   of floats
//     PAIRS, BROADCAST_PAIR(w)   two bf16 in each lane; FIRST(pairs), SECOND(pairs) are their floats
//     WIDEN(p, stored, w, row, at, count, to)   weights of a row, at w, from column `at` on, which has room for AT_ONCE
//     EIGHT_ROWS(sums, low, high, step, x, x_step)   sixteen weights of eight rows with one vector, as in eight_rows.h, and
//     WHOLE_LINE      the same of bf16, as in gemm.h; or neither is defined
//     WIDE, NARROW    rows side by side with one vector of a panel, and with two
//
// rows_widened takes weights of every type, and vectors_bf16 and gemm_bf16 those of bf16 whose depth is even.

// Weights of a row that are widened at once.
enum { AT_ONCE = 32 };

#define NAME(x) x##_widened

// As in gemm.h: rows that lie `apart` rows from each other with one or two vectors of the panel.
static inline __attribute__((always_inline)) void NAME(tile)(const struct product *p, const int stored, int row,
        int apart, const int rows, const int vectors, int first) {
    VECTOR sums[WIDE][2];
    float wide[WIDE][AT_ONCE] __attribute__((aligned(64)));
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            sums[r][v] = ZERO();
        }
    }
    const float *x = (const float *) p->x + first;
    for (int at = 0; at < p->depth; at += AT_ONCE) {
        const int count = p->depth - at < AT_ONCE ? p->depth - at : AT_ONCE;
        for (int r = 0; r < rows; r++) {
            const int n = row + r * apart;
            const char *const w = p->w + n * p->step + (int64_t) p->width * at;
            __builtin_prefetch(w + AHEAD);
            if (count == AT_ONCE) {
                WIDEN(p, stored, w, n, at, AT_ONCE, wide[r]);
            } else {
                WIDEN(p, stored, w, n, at, count, wide[r]);
            }
        }
        int k = 0;
#ifdef EIGHT_ROWS
        _Static_assert(WIDE == 8, "EIGHT_ROWS takes eight rows");
        if (rows == WIDE && vectors == 1) {
            for (; k + 16 <= count; k += 16, x += 16 * (int64_t) p->lanes) {
                EIGHT_ROWS(sums, (const char *) &wide[0][k], (const char *) &wide[4][k], sizeof wide[0], (const char *) x,
                        4 * (int64_t) p->lanes);
            }
        }
#endif
        for (; k < count; k++, x += p->lanes) {
            VECTOR xs[2];
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) {
                xs[v] = LOAD(x + LANES * v);
            }
#pragma GCC unroll 8
            for (int r = 0; r < rows; r++) {
                const VECTOR weight = BROADCAST(&wide[r][k]);
#pragma GCC unroll 2
                for (int v = 0; v < vectors; v++) {
                    sums[r][v] = FMA(weight, xs[v], sums[r][v]);
                }
            }
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            STORE(p->y + (int64_t) (row + r * apart) * p->lanes + first + LANES * v, sums[r][v]);
        }
    }
}

#define SIZE(name, as, rows, vectors)                                                                                  \
    static __attribute__((noinline)) void NAME(name)(const struct product *p, int row, int apart, int first) {         \
        NAME(tile)(p, as, row, apart, rows, vectors, first);                                                           \
    }
#define SIZES(kind, as)                                                                                                \
    SIZE(kind##_wide, as, WIDE, 1)                                                                                     \
    SIZE(kind##_narrow, as, NARROW, 2)                                                                                 \
    SIZE(kind##_one_wide, as, 1, 1)                                                                                    \
    SIZE(kind##_one_narrow, as, 1, 2)
SIZES(bf16, BERT4J_STORED_BF16)
SIZES(f16, BERT4J_STORED_F16)
SIZES(s8, BERT4J_STORED_S8)
#undef SIZES
#undef SIZE

// All rows with one or two vectors of the panel.
static void NAME(rows)(const struct product *p, int stored, int vectors, int first) {
    typedef void tile_of(const struct product *p, int row, int apart, int first);
    // By enum bert4j_stored, for two vectors and for one.
    static tile_of *const several[][2] = {{NAME(bf16_narrow), NAME(bf16_wide)}, {NAME(f16_narrow), NAME(f16_wide)},
        {NAME(s8_narrow), NAME(s8_wide)}};
    static tile_of *const single[][2] = {{NAME(bf16_one_narrow), NAME(bf16_one_wide)},
        {NAME(f16_one_narrow), NAME(f16_one_wide)}, {NAME(s8_one_narrow), NAME(s8_one_wide)}};
    const int side_by_side = vectors == 1 ? WIDE : NARROW;
    const int tiles = p->rows / side_by_side;
    for (int row = 0; row < tiles; row++) {
        several[stored][vectors == 1](p, row, tiles, first);
    }
    for (int row = tiles * side_by_side; row < p->rows; row++) {
        single[stored][vectors == 1](p, row, 1, first);
    }
}

// Of two k.
struct pair {
    VECTOR first, second;
};

static inline struct pair load_pair(const char *x, int64_t step) {
    return (struct pair) {LOAD((const float *) x), LOAD((const float *) (x + step))};
}

static inline struct pair pair_of(const char *w) {
    const PAIRS both = BROADCAST_PAIR(w);
    return (struct pair) {FIRST(both), SECOND(both)};
}

static inline VECTOR madd_pair(VECTOR sum, struct pair x, struct pair w) {
    return FMA(w.second, x.second, FMA(w.first, x.first, sum));
}

static inline void store_sums(const struct product *p, VECTOR sums, int64_t row, int lane) {
    STORE(p->y + row * p->lanes + lane, sums);
}

#undef NAME
#undef LOAD
#undef BROADCAST
#undef STORE
#define NAME(x) x##_bf16
#define INPUT struct pair
#define X_ROWS 2
#define LOAD(p) load_pair(p, x_step / 2)
#define WEIGHT struct pair
#define BROADCAST(p) pair_of(p)
#define MADD madd_pair
#define STORE store_sums
#include "gemm.h"
