// Attention with both of its products in bf16, in tiles of a kilobyte that lie as AMX loads them, as those of
// bf16x3_amx.c do: sixteen keys of 32 features each, sixteen features of the values of 32 keys, and 32 features of
// sixteen queries, or the weights of 32 keys for them. Before it stands, of who includes it,
//
//   multiply(w, apart, x, rows, depth, y, adds, vectors)
//
// for y += w x, or y = w x: as many rows, 32 at most, of two rows of tiles of w, which lie `apart`, by the one or two
// tiles of x in a step. y has as many floats in a row as x has tokens, and room for 32 rows. Behind `depth`, to the end
// of a tile, there are zeros in w or x.

#include "transpose.h"

enum { MOST_PIECES = 5 };

// Two vectors as bf16, lane by lane.
static inline __m512i pairs(__m512 first, __m512 second) {
    const __m512i beside = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6,
            21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    return _mm512_permutexvar_epi16(beside, (__m512i) _mm512_cvtne2ps_pbh(second, first));
}

// Where sixteen neighbouring tokens of a text lie, or fewer at its end: in one panel or in several.
struct sixteen {
    int pieces;
    int64_t at[MOST_PIECES];
    __mmask16 lanes[MOST_PIECES];
};

static struct sixteen find(int64_t panel, int kv_lanes, int token, int count) {
    struct sixteen s = {0};
    for (int done = 0; done < count && done < 16;) {
        const int lane = (token + done) % kv_lanes;
        const int left = (count < 16 ? count : 16) - done;
        const int here = kv_lanes - lane < left ? kv_lanes - lane : left;
        s.at[s.pieces] = (token + done) / kv_lanes * panel + lane;
        s.lanes[s.pieces++] = (__mmask16) (lanes_of(here) << done);
        done += here;
    }
    return s;
}

// A feature of theirs; what is behind the last is 0.
static inline __attribute__((always_inline)) __m512 load(const float *feature, const struct sixteen *s) {
    if (s->lanes[0] == 0xFFFF) {
        return _mm512_loadu_ps(feature + s->at[0]);
    }
    __m512 x = _mm512_setzero_ps();
    for (int piece = 0; piece < s->pieces; piece++) {
        x = _mm512_mask_expandloadu_ps(x, s->lanes[piece], feature + s->at[piece]);
    }
    return x;
}

// Tiles of keys, [sixteen keys][step of features], and behind them those of values, [sixteen features][step of keys].
static inline void pack(const float *k, const float *v, int64_t panel, int kv_lanes, int first, int keys,
        int size, void *to) {
    char *tile = to;
    const int64_t row_of_keys = up(size) / STEP * TILE;
    for (int key = 0; key < keys; key += SIDE) {
        const struct sixteen s = find(panel, kv_lanes, first + key, keys - key);
        for (int d = 0; d < size; d += STEP, tile += TILE) {
            // Two features of sixteen keys each, until every key has a line of its own.
            __m512 lines[SIXTEEN];
#pragma GCC unroll 16
            for (int i = 0; i < 16; i++) {
                const float *feature = k + (int64_t) (d + 2 * i) * kv_lanes;
                lines[i] = _mm512_castsi512_ps(pairs(d + 2 * i < size ? load(feature, &s) : _mm512_setzero_ps(),
                        d + 2 * i + 1 < size ? load(feature + kv_lanes, &s) : _mm512_setzero_ps()));
            }
            transpose(lines);
#pragma GCC unroll 16
            for (int i = 0; i < 16; i++) {
                _mm512_store_ps(tile + LINE * i, lines[i]);
            }
        }
    }
    // Two rows of tiles are multiplied at a time.
    if (keys + SIDE <= up(keys)) {
        memset(tile, 0, (size_t) row_of_keys);
        tile += row_of_keys;
    }
    const int64_t row_of_values = up(keys) / STEP * TILE;
    for (int key = 0; key < keys; key += STEP, tile += TILE) {
        const struct sixteen s[] = {find(panel, kv_lanes, first + key, keys - key),
            find(panel, kv_lanes, first + key + 16, keys - key - 16)};
        for (int d = 0; d < up(size); d++) {
            const float *feature = v + (int64_t) d * kv_lanes;
            _mm512_store_si512(tile + d / SIDE * row_of_values + d % SIDE * LINE, d < size
                    ? (__m512i) _mm512_cvtne2ps_pbh(load(feature, s + 1), load(feature, s)) : _mm512_setzero_si512());
        }
    }
}

// A minimax fit of 2^r for r from 0 to 1, within 2.7e-6 of itself.
#define P0 1.0000026f
#define P1 0.69300383f
#define P2 0.24144275f
#define P3 0.05201146f
#define P4 0.013534168f

// e^x for x <= 0 by powers of two, within 1e-5 of itself, of which bf16 keeps three digits. For -infinity the power is
// 0, whatever p is.
static inline __m512 exponential(__m512 x) {
    const __m512 t = _mm512_mul_ps(x, _mm512_set1_ps(LOG2_E));
    const __m512 r = _mm512_sub_ps(t, _mm512_roundscale_ps(t, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC));
    __m512 p = _mm512_fmadd_ps(r, _mm512_set1_ps(P4), _mm512_set1_ps(P3));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(P2));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(P1));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(P0));
    return _mm512_scalef_ps(p, t);
}

// The scores of a block of keys become weights, as tiles; the running maximum and sum go on.
static inline __attribute__((always_inline)) void weigh(const struct attention *a, const float *scores, int key,
        int count, char *weights, __m512 *maximum, __m512 *sum, __m512 *factor, const int vectors) {
    const __m512 scale = _mm512_set1_ps(a->scale);
    __m512 most[2], added[2];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
        most[v] = maximum[v];
        added[v] = _mm512_setzero_ps();
    }
#define SCORE(j, v)                                                                                                    \
    _mm512_fmadd_ps(_mm512_load_ps(scores + ((j) * vectors + (v)) * 16), scale,                                        \
            _mm512_set1_ps(a->mask ? a->mask[key + (j)] : 0))
    for (int j = 0; j < count; j++) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            most[v] = _mm512_max_ps(SCORE(j, v), most[v]);
        }
    }
    for (int j = 0; j < up(count); j += 2) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            __m512 first = _mm512_setzero_ps(), second = _mm512_setzero_ps();
            if (j < count) {
                first = exponential(SCORE(j, v) - most[v]);
                added[v] = added[v] + first;
            }
            if (j + 1 < count) {
                second = exponential(SCORE(j + 1, v) - most[v]);
                added[v] = added[v] + second;
            }
            _mm512_store_si512(weights + (j / STEP * vectors + v) * TILE + j % STEP / 2 * LINE, pairs(first, second));
        }
    }
#undef SCORE
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
        factor[v] = exponential(maximum[v] - most[v]);
        sum[v] = _mm512_fmadd_ps(sum[v], factor[v], added[v]);
        maximum[v] = most[v];
    }
}

// The queries of the lanes [0, used), of one vector or two. What is computed in others is not stored. All of it is on
// the stack, of which a thread of Java's is sure to have 80 KB.
static inline __attribute__((always_inline)) void attend(const struct attention *a, const char *packed, int used,
        const int vectors) {
    char queries[BERT4J_MOST_BF16_HEAD * 2 * 32] __attribute__((aligned(64)));
    char weights[KEY_BLOCK * 2 * 32] __attribute__((aligned(64)));
    float scores[KEY_BLOCK * 32] __attribute__((aligned(64)));
    float context[BERT4J_MOST_BF16_HEAD * 32] __attribute__((aligned(64)));
    const int steps = up(a->size) / STEP, key_steps = up(a->keys) / STEP;
    const char *values = packed + 2 * (int64_t) key_steps * steps * TILE;
    const __mmask16 there[] = {lanes_of(used), lanes_of(used - 16)};
    __m512 maximum[2], sum[2], factor[2];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
        maximum[v] = _mm512_set1_ps(-FLT_MAX);
        sum[v] = _mm512_setzero_ps();
        for (int d = 0; d < steps * STEP; d += 2) {
            const float *q = a->q + (int64_t) d * a->lanes + 16 * v;
            _mm512_store_si512(queries + (d / STEP * vectors + v) * TILE + d % STEP / 2 * LINE,
                    pairs(_mm512_maskz_loadu_ps(d < a->size ? there[v] : 0, q),
                            _mm512_maskz_loadu_ps(d + 1 < a->size ? there[v] : 0, q + a->lanes)));
        }
    }
    for (int key = 0; key < a->keys; key += KEY_BLOCK) {
        const int count = a->keys - key < KEY_BLOCK ? a->keys - key : KEY_BLOCK;
        for (int j = 0; j < count; j += 2 * SIDE) {
            multiply(packed + (int64_t) (key + j) / SIDE * steps * TILE, (int64_t) steps * TILE, queries, count - j,
                    a->size, scores + j * 16 * vectors, 0, vectors);
        }
        weigh(a, scores, key, count, weights, maximum, sum, factor, vectors);
        for (int d = 0; key > 0 && d < a->size; d++) {
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) {
                float *at = context + (d * vectors + v) * 16;
                _mm512_store_ps(at, _mm512_load_ps(at) * factor[v]);
            }
        }
        for (int d = 0; d < a->size; d += 2 * SIDE) {
            multiply(values + ((int64_t) d / SIDE * key_steps + key / STEP) * TILE, (int64_t) key_steps * TILE, weights,
                    a->size - d, count, context + d * 16 * vectors, key > 0, vectors);
        }
    }
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
        const __m512 by = _mm512_set1_ps(1) / sum[v] * _mm512_set1_ps(a->factor);
        for (int d = 0; d < a->size; d++) {
            _mm512_mask_storeu_ps(a->context + (int64_t) d * a->lanes + 16 * v, there[v],
                    _mm512_load_ps(context + (d * vectors + v) * 16) * by);
        }
    }
}

static __attribute__((noinline)) void attend_one(const struct attention *a, const char *packed, int used) {
    attend(a, packed, used, 1);
}

static __attribute__((noinline)) void attend_two(const struct attention *a, const char *packed, int used) {
    attend(a, packed, used, 2);
}

static void attention(const float *q, int lanes, int used, const void *packed, int keys, int size, float scale,
        const float *mask, float factor, float *context) {
    for (int lane = 0; lane < used; lane += 32) {
        const int here = used - lane < 32 ? used - lane : 32;
        const struct attention a = {.q = q + lane, .lanes = lanes, .keys = keys, .size = size, .scale = scale,
            .mask = mask, .factor = factor, .context = context + lane};
        (here > 16 ? attend_two : attend_one)(&a, packed, here);
    }
}
