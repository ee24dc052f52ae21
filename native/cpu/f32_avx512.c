// fp32 with AVX-512: vectors of sixteen lanes, thirty-two registers; of eight lanes for what is less. Products with eight
// tokens have rows for lanes.
#define YMM_WIDE 6
#define YMM_NARROW 8
#define YMM_ROWS 8
#include "ymm.h"
#include "sixteen_rows.h"

#define NAME(x) x##_zmm
#define VECTOR __m512
#define LANES 16
#define ZERO _mm512_setzero_ps
#define INPUT __m512
#define LOAD(p) _mm512_loadu_ps((const float *) (p))
#define WEIGHT __m512
#define BROADCAST(p) _mm512_set1_ps(float_at(p))
#define MADD(sum, x, w) _mm512_fmadd_ps(w, x, sum)
#define STORE(p, sum, row, lane) _mm512_storeu_ps((p)->y + (int64_t) (row) * (p)->lanes + (lane), sum)
#define NEXT(p) (p)->next
#define WIDE 8
#define NARROW 8
#include "gemm.h"

static inline __m512 power_zmm(__m512 x) {
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_slli_epi32(_mm512_castps_si512(x), 23),
            _mm512_set1_epi32(ONE_BITS)));
}

#define NAME(x) x##_zmm
#define VECTOR __m512
#define LANES 16
#define LOAD _mm512_loadu_ps
#define STORE _mm512_storeu_ps
#define SET1(x) _mm512_set1_ps(x)
#define FMA _mm512_fmadd_ps
#define GREATER _mm512_max_ps
#define SMALLER _mm512_min_ps
#define ABS _mm512_abs_ps
#define SQRT _mm512_sqrt_ps
#define WHERE_BELOW(x, limit, y, z)                                                                                    \
    _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, _mm512_set1_ps(limit), _CMP_LT_OQ), z, y)
#define POWER power_zmm
#define PLACES __m512i
#define FIND _mm512_castps_si512
#define PICK(table, places) _mm512_permutexvar_ps(places, _mm512_load_ps(table))
#define ANY_FROM(x, limit) (_mm512_cmp_ps_mask(x, _mm512_set1_ps(limit), _CMP_NLT_UQ) != 0)
#define ROWS 8
#include "vectors.h"

static __attribute__((noinline)) void by_eight(const struct product *p, int row, int64_t apart, int first) {
    sixteen_by_eight(p, row, apart, first);
}

// Eight lanes of a panel.
static void gemm_of_eight(const struct product *p, int first) {
    const int rest = rows_by(SIXTEEN, p, by_eight, first);
    if (rest) {
        const struct product last = last_rows(p, rest);
        vectors_ymm(&last, 1, first);
    }
}

void bert4j_gemm_f32_avx512(const void *w, int64_t step, int rows, int depth, const float *x, int lanes, int used,
        float *y, const float *next) {
    const struct product p = {.w = w, .step = step, .rows = rows, .depth = depth, .width = 4, .x = (const char *) x,
        .lanes = lanes, .y = y, .next = (const char *) next};
    for (int first = 0; first < used;) {
        const int vectors = vectors_of_sixteen(used - first, lanes - first);
        if (vectors == 0) {
            gemm_of_eight(&p, first);
        } else {
            vectors_zmm(&p, vectors, first);
        }
        first += vectors == 0 ? TOKENS : vectors * SIXTEEN;
    }
}

void bert4j_attention_f32_avx512(const float *q, int lanes, int used, const float *k, const float *v, int64_t panel,
        int kv_lanes, int first, int keys, int size, float scale, const float *mask, float factor, float *context) {
    const struct attention a = {q, lanes, k, v, panel, kv_lanes, first, keys, size, scale, mask, factor, context};
    if (used % 16 == 0) {
        attention_zmm(&a, used);
    } else {
        attention_ymm(&a, used);
    }
}

void bert4j_add_f32_avx512(float *y, int lanes, int rows, int used, const float *bias, const float *residual) {
    if (used % 16 == 0) {
        add_zmm(y, lanes, rows, used, bias, residual);
    } else {
        add_ymm(y, lanes, rows, used, bias, residual);
    }
}

// Of eight lanes: two rows, which lie side by side, fill a vector.
static void gelu_of_eight(float *y, int rows, const float *bias) {
    int row = 0;
    for (; row + 2 <= rows; row += 2, y += 16) {
        const __m512 b = bias ? _mm512_mask_blend_ps(0xFF00, _mm512_set1_ps(bias[row]), _mm512_set1_ps(bias[row + 1]))
                : _mm512_setzero_ps();
        _mm512_storeu_ps(y, gelu_of_zmm(_mm512_loadu_ps(y) + b));
    }
    gelu_ymm(y, 8, rows - row, 8, bias ? bias + row : NULL);
}

void bert4j_gelu_f32_avx512(float *y, int lanes, int rows, int used, const float *bias) {
    if (used % 16 == 0) {
        gelu_zmm(y, lanes, rows, used, bias);
    } else if (lanes == 8) {
        gelu_of_eight(y, rows, bias);
    } else {
        gelu_ymm(y, lanes, rows, used, bias);
    }
}

void bert4j_tanh_f32_avx512(float *y, int lanes, int rows, int used, const float *bias) {
    if (used % 16 == 0) {
        tanh_zmm(y, lanes, rows, used, bias);
    } else {
        tanh_ymm(y, lanes, rows, used, bias);
    }
}

void bert4j_short_gelu_f32_avx512(float *y, int lanes, int rows, int used, const float *bias) {
    if (used % 16 == 0) {
        short_gelu_zmm(y, lanes, rows, used, bias);
    } else {
        short_gelu_ymm(y, lanes, rows, used, bias);
    }
}

void bert4j_norm_f32_avx512(const float *x, float *y, int lanes, int features, int used, const float *weight,
        const float *bias, float eps) {
    if (used % 16 == 0) {
        norm_zmm(x, y, lanes, features, used, weight, bias, eps);
    } else {
        norm_ymm(x, y, lanes, features, used, weight, bias, eps);
    }
}

void bert4j_rest_f32_avx512(const float *x, int depth, int lanes, float *rest, int beside) {
    if (lanes % 16 == 0) {
        rest_zmm(x, depth, lanes, rest, beside);
    } else {
        rest_ymm(x, depth, lanes, rest, beside);
    }
}

void bert4j_scale_f32_avx512(const float *x, int depth, int lanes, const float *factors, float *y) {
    if (lanes % 16 == 0) {
        scale_zmm(x, depth, lanes, factors, y);
    } else {
        scale_ymm(x, depth, lanes, factors, y);
    }
}

void bert4j_fold_f32_avx512(const float *x, int lanes, int rows, float *y) {
    if (lanes % 16 == 0) {
        fold_zmm(x, lanes, rows, y);
    } else {
        fold_ymm(x, lanes, rows, y);
    }
}

void bert4j_widen_avx512(const void *w, int stored, int rows, int depth, const float *scales, const float *columns,
        float *to) {
    widen_ymm(w, stored, rows, depth, scales, columns, to);
}
