// fp32 by AMX: each number as two of bf16, and three products of these.
//
// Both sides are packed as tiles of a kilobyte, sixteen lines of 64 bytes, which lie as they are loaded: for every 32 k
// the nearest bf16 of sixteen rows of weights, or of sixteen tokens, and behind them what those leave.
#include "product.h"
#include "tile_configuration.h"

// How many bytes ahead weights are fetched while they are split. What comes from memory while tiles are multiplied takes
// the way by which tiles are loaded, and costs more than it saves.
enum { AHEAD_OF_SPLIT = 4096 };

static inline int64_t steps(int depth) {
    return (depth + STEP - 1) / STEP;
}

// The nearest bf16 of sixteen values, and the nearest of what those leave, each in the low half of 32 bits.
static inline __attribute__((always_inline)) void halves(__m512 x, __m512i *nearest, __m512i *rest) {
    *nearest = _mm512_cvtepu16_epi32((__m256i) _mm512_cvtneps_pbh(x));
    const __m512 left = _mm512_sub_ps(x, _mm512_castsi512_ps(_mm512_slli_epi32(*nearest, 16)));
    *rest = _mm512_cvtepu16_epi32((__m256i) _mm512_cvtneps_pbh(left));
}

static inline __m512i pairs(__m512i first, __m512i second) {
    return _mm512_or_si512(first, _mm512_slli_epi32(second, 16));
}

// One line of two tiles of weights: 32 neighbours of a row.
static inline __attribute__((always_inline)) void split_line(__m512 first, __m512 second, char *to) {
    const __m512i nearest = (__m512i) _mm512_cvtne2ps_pbh(second, first);
    const __m512 rest0 = _mm512_sub_ps(first, _mm512_castsi512_ps(_mm512_slli_epi32(
            _mm512_cvtepu16_epi32(_mm512_castsi512_si256(nearest)), 16)));
    const __m512 rest1 = _mm512_sub_ps(second, _mm512_castsi512_ps(_mm512_slli_epi32(
            _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(nearest, 1)), 16)));
    _mm512_store_si512(to, nearest);
    _mm512_store_si512(to + TILE, (__m512i) _mm512_cvtne2ps_pbh(rest1, rest0));
}

// Rows are read one after the other, as they lie in memory.
void bert4j_split_bf16x3_amx_bf16(const void *w, int64_t step, int rows, int depth, void *to) {
    for (int row = 0; row < (rows + SIDE - 1) / SIDE * SIDE; row++) {
        const float *from = (const float *) ((const char *) w + row * step);
        char *line = (char *) to + row / SIDE * steps(depth) * 2 * TILE + row % SIDE * LINE;
        int k = 0;
        if (row < rows) {
            for (; k + STEP <= depth; k += STEP, line += 2 * TILE) {
                _mm_prefetch((const char *) (from + k) + AHEAD_OF_SPLIT, _MM_HINT_T1);
                _mm_prefetch((const char *) (from + k) + AHEAD_OF_SPLIT + LINE, _MM_HINT_T1);
                split_line(_mm512_loadu_ps(from + k), _mm512_loadu_ps(from + k + 16), line);
            }
        }
        for (; k < depth; k += STEP, line += 2 * TILE) {
            const int left = row < rows ? depth - k : 0;
            split_line(_mm512_maskz_loadu_ps(lanes_of(left), from + k),
                    _mm512_maskz_loadu_ps(lanes_of(left - 16), from + k + 16), line);
        }
    }
}

// In [sixteen lanes][step][nearest, rest][pair of k][lane][k].
void bert4j_pack_bf16x3_amx_bf16(const float *x, int depth, int lanes, void *q) {
    char *line = q;
    for (int lane = 0; lane < lanes; lane += SIDE) {
        const __mmask16 there = lanes_of(lanes - lane);
        for (int64_t step = 0; step < steps(depth); step++, line += TILE) {
            for (int k = (int) step * STEP; k < (step + 1) * STEP; k += 2, line += LINE) {
                const float *at = x + (int64_t) k * lanes + lane;
                __m512i nearest0, rest0, nearest1, rest1;
                halves(_mm512_maskz_loadu_ps(k < depth ? there : 0, at), &nearest0, &rest0);
                halves(_mm512_maskz_loadu_ps(k + 1 < depth ? there : 0, at + lanes), &nearest1, &rest1);
                _mm512_store_si512(line, pairs(nearest0, nearest1));
                _mm512_store_si512(line + TILE, pairs(rest0, rest1));
            }
        }
    }
}

struct split_product {
    const char *w;
    int rows;
    const char *x;
    int lanes;
    float *y;
    int64_t steps;
};

// A tile is named by a number that must stand in the code.
#define STORE_TILE(tile, row, lane) store_tile_##tile(p, row, lane)
#define STORES(tile)                                                                                                   \
    static inline __attribute__((always_inline)) void store_tile_##tile(const struct split_product *p, int row,        \
            int lane) {                                                                                                \
        float *y = p->y + (int64_t) row * p->lanes + lane;                                                             \
        const int rows = p->rows - row, lanes = p->lanes - lane;                                                       \
        if (rows >= SIDE && lanes >= SIDE) {                                                                           \
            _tile_stored(tile, y, 4 * p->lanes);                                                                       \
            return;                                                                                                    \
        }                                                                                                              \
        float sums[SIDE * SIDE];                                                                                       \
        _tile_stored(tile, sums, LINE);                                                                                \
        for (int r = 0; r < rows && r < SIDE; r++) {                                                                   \
            _mm512_mask_storeu_ps(y + (int64_t) r * p->lanes, lanes_of(lanes), _mm512_loadu_ps(sums + SIDE * r));      \
        }                                                                                                              \
    }
STORES(0)
STORES(1)
STORES(2)
STORES(3)
#undef STORES

// Two tiles of rows by two of tokens, the smaller products first. Each tile is loaded once a step.
static void two_by_two(const struct split_product *p, int row, int lane) {
    const char *w0 = p->w + row / SIDE * p->steps * 2 * TILE, *w1 = w0 + p->steps * 2 * TILE;
    const char *x0 = p->x + lane / SIDE * p->steps * 2 * TILE, *x1 = x0 + p->steps * 2 * TILE;
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (int64_t at = 0; at < p->steps * 2 * TILE; at += 2 * TILE) {
        _tile_loadd(4, w0 + at + TILE, LINE);
        _tile_loadd(6, x0 + at, LINE);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(7, x1 + at, LINE);
        _tile_dpbf16ps(1, 4, 7);
        _tile_loadd(5, w1 + at + TILE, LINE);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
        _tile_loadd(4, w0 + at, LINE);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_loadd(5, w1 + at, LINE);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
        _tile_loadd(6, x0 + at + TILE, LINE);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(2, 5, 6);
        _tile_loadd(7, x1 + at + TILE, LINE);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(3, 5, 7);
    }
    STORE_TILE(0, row, lane);
    STORE_TILE(1, row, lane + SIDE);
    STORE_TILE(2, row + SIDE, lane);
    STORE_TILE(3, row + SIDE, lane + SIDE);
}

// Four tiles of rows by one of tokens.
static void four_by_one(const struct split_product *p, int row, int lane) {
    const int64_t tiles = p->steps * 2 * TILE;
    const char *w0 = p->w + row / SIDE * tiles, *w1 = w0 + tiles, *w2 = w1 + tiles, *w3 = w2 + tiles;
    const char *x = p->x + lane / SIDE * tiles;
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
#define ROWS(tile, w)                                                                                                  \
    _tile_loadd(4, w + at + TILE, LINE);                                                                               \
    _tile_dpbf16ps(tile, 4, 6);                                                                                        \
    _tile_loadd(5, w + at, LINE);                                                                                      \
    _tile_dpbf16ps(tile, 5, 6);                                                                                        \
    _tile_dpbf16ps(tile, 5, 7)
    for (int64_t at = 0; at < tiles; at += 2 * TILE) {
        _tile_loadd(6, x + at, LINE);
        _tile_loadd(7, x + at + TILE, LINE);
        ROWS(0, w0);
        ROWS(1, w1);
        ROWS(2, w2);
        ROWS(3, w3);
    }
    STORE_TILE(0, row, lane);
    STORE_TILE(1, row + SIDE, lane);
    STORE_TILE(2, row + 2 * SIDE, lane);
    STORE_TILE(3, row + 3 * SIDE, lane);
}

// One tile of each.
static void one_by_one(const struct split_product *p, int row, int lane) {
    const int64_t tiles = p->steps * 2 * TILE;
    const char *w0 = p->w + row / SIDE * tiles;
    const char *x = p->x + lane / SIDE * tiles;
    _tile_zero(0);
    for (int64_t at = 0; at < tiles; at += 2 * TILE) {
        _tile_loadd(6, x + at, LINE);
        _tile_loadd(7, x + at + TILE, LINE);
        ROWS(0, w0);
    }
    STORE_TILE(0, row, lane);
}
#undef ROWS

void bert4j_gemm_bf16x3_amx_bf16(const void *w, int rows, int depth, const void *q, int lanes, int used, float *y) {
    const struct split_product p = {w, rows, q, lanes, y, steps(depth)};
    struct tile_configuration shapes = {.palette = 1};
    for (int tile = 0; tile < TILES; tile++) {
        shapes.bytes[tile] = LINE;
        shapes.rows[tile] = SIDE;
    }
    load_configuration(&shapes);
    int lane = 0;
    for (; used - lane > SIDE; lane += 2 * SIDE) {
        int row = 0;
        for (; rows - row > SIDE; row += 2 * SIDE) {
            two_by_two(&p, row, lane);
        }
        if (row < rows) {
            one_by_one(&p, row, lane);
            one_by_one(&p, row, lane + SIDE);
        }
    }
    if (lane < used) {
        int row = 0;
        for (; rows - row > 3 * SIDE; row += 4 * SIDE) {
            four_by_one(&p, row, lane);
        }
        for (; row < rows; row += SIDE) {
            one_by_one(&p, row, lane);
        }
    }
    _tile_release();
}
