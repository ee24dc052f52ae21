// int8 with AVX2, which multiplies unsigned bytes with signed ones and adds two products in sixteen bits. Tokens are the
// unsigned side, with 128 added, as for s8_vnni.h. Where two products do not fit, the instruction stops at the greatest
// or least number of sixteen bits: the few groups of weights that can come to that are listed, and what they lost is
// added when the rest of the row is done.
#include "pack_avx2.h"

static inline __m256i madd(__m256i sums, __m256i x, __m256i w) {
    return _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_maddubs_epi16(x, w), _mm256_set1_epi16(1)));
}

// Sums stay what they are until the row is done.
static inline void store(const struct product *p, __m256i sums, int row, int lane) {
    _mm256_storeu_si256((__m256i *) (p->y + (int64_t) row * p->lanes + lane), sums);
}

#define NAME(x) x##_ymm
#define VECTOR __m256i
#define LANES 8
#define ZERO _mm256_setzero_si256
#define INPUT __m256i
#define LOAD(p) _mm256_loadu_si256((const __m256i *) (p))
#define WEIGHT __m256i
#define BROADCAST(p) _mm256_set1_epi32(int_at(p))
#define MADD madd
#define STORE store
#define WIDE 8
#define NARROW 6
#include "gemm.h"

void bert4j_pack_s8_avx2(const float *x, int depth, int lanes, void *q, float *scales) {
    pack_s8(x, depth, lanes, q, scales, 0x80);
}

static inline __m256i load(const void *p) {
    return _mm256_loadu_si256((const __m256i *) p);
}

static inline __m256i four(const int8_t *w) {
    return _mm256_set1_epi32(int_at(w));
}

// What madd loses of a group: it stops where an addition that saturates does. The right sum wraps at sixteen bits, but
// two products are within -65280 and 64770, so that what is lost fits.
static inline __m256i lost(const struct product *p, const struct bert4j_wide *wide, int lane) {
    const __m256i x = load(p->x + 4 * ((int64_t) wide->group * p->lanes + lane));
    const __m256i part = _mm256_maddubs_epi16(x, four(wide->part)), rest = _mm256_maddubs_epi16(x, four(wide->rest));
    const __m256i difference = _mm256_sub_epi16(_mm256_add_epi16(part, rest), _mm256_adds_epi16(part, rest));
    return _mm256_madd_epi16(difference, _mm256_set1_epi16(1));
}

static inline __attribute__((always_inline)) void finish(const struct product *p, int row, int lane,
        const int vectors) {
    const struct bert4j_row *const known = p->known + row;
    const struct bert4j_wide *wide = (const struct bert4j_wide *) ((const int32_t *) known + known[0].list);
    const struct bert4j_wide *const end = (const struct bert4j_wide *) ((const int32_t *) (known + 1) + known[1].list);
    __m256i sums[2];
    for (int v = 0; v < vectors; v++) {
        const __m256i found = load(p->y + (int64_t) row * p->lanes + lane + 8 * v);
        sums[v] = _mm256_sub_epi32(found, _mm256_set1_epi32(128 * known->sum));
    }
    for (; wide < end; wide++) {
        for (int v = 0; v < vectors; v++) {
            sums[v] = _mm256_add_epi32(sums[v], lost(p, wide, lane + 8 * v));
        }
    }
    for (int v = 0; v < vectors; v++) {
        store_s8(p, sums[v], row, lane + 8 * v);
    }
}

void bert4j_gemm_s8_avx2(const void *w, int64_t step, int rows, int depth, const float *w_scales,
        const struct bert4j_row *known, const void *q, const float *x_scales, int lanes, int used, float *y) {
    const struct product p = {.w = w, .step = step, .rows = rows, .depth = depth, .width = 1, .x = q, .lanes = lanes,
        .y = y, .w_scales = w_scales, .known = known, .x_scales = x_scales};
    gemm_ymm(&p, used);
    for (int row = 0; row < rows; row++) {
        int lane = 0;
        for (; used - lane > 8; lane += 16) {
            finish(&p, row, lane, 2);
        }
        if (lane < used) {
            finish(&p, row, lane, 1);
        }
    }
}
