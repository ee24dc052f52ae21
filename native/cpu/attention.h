// Attention of the queries of a panel to the keys of their text, one head. Included by vectors.h, which says for what
// vectors. Every operation of a lane is that of the definition, in its order: k ascending in products, blocks of 128 keys
// with a running maximum and sum.

// Where less is left than ROWS.
#define FEW (ROWS < 4 ? 1 : 4)

// Scores of neighbouring keys of one panel, into rows of `vectors` vectors.
static inline __attribute__((always_inline)) void NAME(scores)(const struct attention *a, const float *k,
        const float *q, float *scores, const int rows, const int vectors) {
    VECTOR sums[ROWS][2];
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++) {
        sums[r][0] = sums[r][1] = SET1(0);
    }
    for (int d = 0; d < a->size; d++) {
        VECTOR xs[2];
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            xs[v] = LOAD(q + v * LANES);
        }
#pragma GCC unroll 16
        for (int r = 0; r < rows; r++) {
            VECTOR key = SET1(k[r]);
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) {
                sums[r][v] = FMA(key, xs[v], sums[r][v]);
            }
        }
        k += a->kv_lanes;
        q += a->lanes;
    }
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            STORE(scores + (r * vectors + v) * LANES, sums[r][v]);
        }
    }
}

// Adds the values of `count` keys, from a token on, by their weights to neighbouring features of the context.
static inline __attribute__((always_inline)) void NAME(values)(const struct attention *a, int token, int count,
        int feature, const float *weights, float *context, const int rows, const int vectors) {
    VECTOR sums[ROWS][2];
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            sums[r][v] = LOAD(context + (int64_t) (feature + r) * a->lanes + v * LANES);
        }
    }
    while (count > 0) {
        const int lane = token % a->kv_lanes;
        const int here = a->kv_lanes - lane < count ? a->kv_lanes - lane : count;
        const float *values = a->v + token / a->kv_lanes * a->panel + (int64_t) feature * a->kv_lanes + lane;
        for (int j = 0; j < here; j++) {
            VECTOR xs[2];
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) {
                xs[v] = LOAD(weights + v * LANES);
            }
#pragma GCC unroll 16
            for (int r = 0; r < rows; r++) {
                VECTOR value = SET1(values[r * (int64_t) a->kv_lanes + j]);
#pragma GCC unroll 2
                for (int v = 0; v < vectors; v++) {
                    sums[r][v] = FMA(value, xs[v], sums[r][v]);
                }
            }
            weights += vectors * LANES;
        }
        token += here;
        count -= here;
    }
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            STORE(context + (int64_t) (feature + r) * a->lanes + v * LANES, sums[r][v]);
        }
    }
}

// Each size is a function of its own, as those of gemm.h are, and for the same reason.
#define SIZE(name, rows, vectors)                                                                                      \
    static __attribute__((noinline)) void NAME(scores_##name)(const struct attention *a, const float *k,               \
            const float *q, float *scores) {                                                                           \
        NAME(scores)(a, k, q, scores, rows, vectors);                                                                  \
    }                                                                                                                  \
    static __attribute__((noinline)) void NAME(values_##name)(const struct attention *a, int token, int count,         \
            int feature, const float *weights, float *context) {                                                       \
        NAME(values)(a, token, count, feature, weights, context, rows, vectors);                                       \
    }
SIZE(tile_of_one, ROWS, 1)
SIZE(tile_of_two, ROWS, 2)
SIZE(few_of_one, FEW, 1)
SIZE(few_of_two, FEW, 2)
SIZE(row_of_one, 1, 1)
SIZE(row_of_two, 1, 2)
#undef SIZE

// Scores of n vectors, of one key or of several, become weights, and are added to the sums of theirs.
static inline __attribute__((always_inline)) void NAME(weigh)(float *scores, const VECTOR *most, VECTOR *added,
        const int vectors, const int n) {
    VECTOR w[TOGETHER];
    EACH w[i] = LOAD(scores + i * LANES) - most[i % vectors];
    NAME(exponentials)(w, n);
    EACH STORE(scores + i * LANES, w[i]);
    EACH added[i % vectors] = added[i % vectors] + w[i];
}

// What follows the products of a block: scores become weights, and the running maximum and sum go on. The factor is what
// the context of earlier blocks is worth now.
static inline __attribute__((always_inline)) void NAME(weights)(const struct attention *a, float *scores, int key,
        int count, VECTOR *maximum, VECTOR *sum, VECTOR *factor, const int vectors) {
    VECTOR most[2], added[2];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
        most[v] = maximum[v];
        added[v] = SET1(0);
    }
    for (int j = 0; j < count; j++) {
        VECTOR mask = SET1(a->mask ? a->mask[key + j] : 0);
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            float *at = scores + (j * vectors + v) * LANES;
            VECTOR score = FMA(LOAD(at), SET1(a->scale), mask);
            STORE(at, score);
            most[v] = GREATER(score, most[v]);
        }
    }
    int i = 0;
    for (; i + TOGETHER <= count * vectors; i += TOGETHER) {
        NAME(weigh)(scores + i * LANES, most, added, vectors, TOGETHER);
    }
    for (; i < count * vectors; i += vectors) {
        NAME(weigh)(scores + i * LANES, most, added, vectors, vectors);
    }
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
        factor[v] = maximum[v] - most[v];
    }
    NAME(exponentials)(factor, vectors);
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
        sum[v] = FMA(sum[v], factor[v], added[v]);
        maximum[v] = most[v];
    }
}

// Multiplies the context.
static inline __attribute__((always_inline)) void NAME(rescale)(const struct attention *a, float *context,
        const VECTOR *by, const int vectors) {
    for (int d = 0; d < a->size; d++) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            float *at = context + (int64_t) d * a->lanes + v * LANES;
            STORE(at, LOAD(at) * by[v]);
        }
    }
}

// The queries of one or two vectors, from a lane on.
static inline __attribute__((always_inline)) void NAME(attend)(const struct attention *a, int lane, const int vectors) {
    float scores[KEY_BLOCK * 2 * LANES] __attribute__((aligned(64)));
    const float *q = a->q + lane;
    float *context = a->context + lane;
    VECTOR maximum[2], sum[2], factor[2];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
        maximum[v] = SET1(-FLT_MAX);
        sum[v] = SET1(0);
        factor[v] = SET1(0);
        for (int d = 0; d < a->size; d++) {
            STORE(context + (int64_t) d * a->lanes + v * LANES, SET1(0));
        }
    }
    for (int key = 0; key < a->keys; key += KEY_BLOCK) {
        const int count = a->keys - key < KEY_BLOCK ? a->keys - key : KEY_BLOCK;
        for (int j = 0; j < count;) {
            const int token = a->first + key + j;
            const int in_panel = token % a->kv_lanes;
            const int left = a->kv_lanes - in_panel < count - j ? a->kv_lanes - in_panel : count - j;
            const float *k = a->k + token / a->kv_lanes * a->panel + in_panel;
            float *to = scores + j * vectors * LANES;
            if (left >= ROWS) {
                (vectors == 1 ? NAME(scores_tile_of_one) : NAME(scores_tile_of_two))(a, k, q, to);
            } else if (left >= FEW) {
                (vectors == 1 ? NAME(scores_few_of_one) : NAME(scores_few_of_two))(a, k, q, to);
            } else {
                (vectors == 1 ? NAME(scores_row_of_one) : NAME(scores_row_of_two))(a, k, q, to);
            }
            j += left >= ROWS ? ROWS : left >= FEW ? FEW : 1;
        }
        NAME(weights)(a, scores, key, count, maximum, sum, factor, vectors);
        if (key > 0) {
            NAME(rescale)(a, context, factor, vectors);
        }
        int d = 0;
        for (; d + ROWS <= a->size; d += ROWS) {
            (vectors == 1 ? NAME(values_tile_of_one) : NAME(values_tile_of_two))(a, a->first + key, count, d, scores,
                    context);
        }
        for (; d + FEW <= a->size; d += FEW) {
            (vectors == 1 ? NAME(values_few_of_one) : NAME(values_few_of_two))(a, a->first + key, count, d, scores,
                    context);
        }
        for (; d < a->size; d++) {
            (vectors == 1 ? NAME(values_row_of_one) : NAME(values_row_of_two))(a, a->first + key, count, d, scores,
                    context);
        }
    }
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
        factor[v] = SET1(1) / sum[v] * SET1(a->factor);
    }
    NAME(rescale)(a, context, factor, vectors);
}

static __attribute__((noinline)) void NAME(attend_one)(const struct attention *a, int lane) {
    NAME(attend)(a, lane, 1);
}

static __attribute__((noinline)) void NAME(attend_two)(const struct attention *a, int lane) {
    NAME(attend)(a, lane, 2);
}

static void NAME(attention)(const struct attention *a, int used) {
    int lane = 0;
    for (; used - lane > LANES; lane += 2 * LANES) {
        NAME(attend_two)(a, lane);
    }
    if (lane < used) {
        NAME(attend_one)(a, lane);
    }
}
