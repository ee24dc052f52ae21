// Products of weights.
#include "checks.h"

void test_f32(const char *name, bert4j_gemm_f32 *gemm, int rows, int depth, int lanes, int used, int special) {
    void *whole;
    size_t size;
    char *w = before_the_end(sizeof(float) * rows * depth + 1, &whole, &size) + 1;
    float *x = panel(depth, lanes, used, special), *y = malloc(sizeof(float) * rows * lanes);
    float *expected = malloc(sizeof(float) * rows * lanes);
    for (int i = 0; i < rows * depth; i++) {
        float weight = value();
        memcpy(w + 4 * i, &weight, 4);
    }
    bert4j_gemm_f32_portable(w, 4 * depth, rows, depth, x, lanes, used, expected, NULL);
    // Without a panel to come, with one, and with something that is not even memory.
    const float *const nexts[] = {NULL, x, (const float *) 64};
    for (int of = 0; of < 3; of++) {
        memset(y, 0x55, sizeof(float) * rows * lanes);
        gemm(w, 4 * depth, rows, depth, x, lanes, used, y, nexts[of]);
        int right = 1;
        for (int i = 0; i < rows * lanes; i++) {
            right &= i % lanes >= used || same(y[i], expected[i]);
        }
        check(right, name, "bits", rows, depth, lanes, used);
    }
    give_back(whole, size);
    free(x);
    free(y);
    free(expected);
}

// Against widening and then multiplying.
void test_stored(const char *name, bert4j_gemm_stored_f32 *gemm, int stored, int rows, int depth, int lanes, int used,
        int special) {
    void *whole;
    size_t size;
    const size_t width = stored == BERT4J_STORED_S8 ? 1 : 2;
    char *w = before_the_end(width * rows * depth + 1, &whole, &size) + 1;
    float *x = panel(depth, lanes, used, special), *y = malloc(sizeof(float) * rows * lanes);
    float *expected = malloc(sizeof(float) * rows * lanes), *wide = malloc(sizeof(float) * rows * depth);
    void *scales_whole, *columns_whole;
    size_t scales_size, columns_size;
    float *scales = (float *) before_the_end(sizeof(float) * rows, &scales_whole, &scales_size);
    float *columns = (float *) before_the_end(sizeof(float) * depth, &columns_whole, &columns_size);
    for (int n = 0; n < rows; n++) {
        scales[n] = value();
    }
    for (int k = 0; k < depth; k++) {
        columns[k] = value();
    }
    for (int i = 0; i < rows * depth; i++) {
        // Below the greatest exponent of either type of sixteen bits there are numbers only, above it also others.
        const uint16_t weight = (uint16_t) (next() & (special == 1 ? 0xFFFF : 0xBBFF));
        memcpy(w + width * i, &weight, width);
    }
    const float *const by = stored == BERT4J_STORED_S8 && depth % 3 ? columns : NULL;
    bert4j_widen_portable(w, stored, rows, depth, scales, by, wide);
    bert4j_gemm_f32_portable(wide, 4 * depth, rows, depth, x, lanes, used, expected, NULL);
    memset(y, 0x55, sizeof(float) * rows * lanes);
    gemm(w, stored, rows, depth, scales, by, x, lanes, used, y);
    int right = 1;
    for (int i = 0; i < rows * lanes; i++) {
        right &= i % lanes >= used || same(y[i], expected[i]);
    }
    static const char *const names[] = {"bf16", "f16", "bytes"};
    check(right, name, names[stored], rows, depth, lanes, used);
    give_back(whole, size);
    free(x);
    free(y);
    free(expected);
    free(wide);
    give_back(scales_whole, scales_size);
    give_back(columns_whole, columns_size);
}

// What a product has to know of its rows.
static struct bert4j_row *rows_of(bert4j_rows_s8 *find, const int8_t *w, int rows, int depth) {
    struct bert4j_row *known = malloc(sizeof(struct bert4j_row) * (rows + 1));
    find(w, depth, rows, depth, 0, known);
    const int room = (known[rows].list - 2) / 3;
    known = realloc(known, sizeof(struct bert4j_row) * (rows + 1) + sizeof(struct bert4j_wide) * room);
    find(w, depth, rows, depth, room, known);
    return known;
}

void test_s8(const char *name, bert4j_rows_s8 *find, bert4j_pack_s8 *pack, bert4j_gemm_s8 *gemm, int rows, int depth,
        int lanes, int used, int special) {
    void *whole;
    size_t size;
    int8_t *w = (int8_t *) before_the_end((size_t) rows * depth, &whole, &size);
    float *x = panel(depth, lanes, used, special), *y = malloc(sizeof(float) * rows * lanes);
    float *expected = malloc(sizeof(float) * rows * lanes);
    size_t packed = (size_t) lanes * ((depth + 63) / 64 * 64);
    void *q = malloc(packed), *q_expected = malloc(packed);
    float *scales = malloc(sizeof(float) * lanes), *scales_expected = malloc(sizeof(float) * lanes);
    float *w_scales = malloc(sizeof(float) * rows);
    for (int i = 0; i < rows * depth; i++) {
        w[i] = (int8_t) (special == 3 ? 127 : special == 4 ? -128 : (int) (next() % 256) - 128);
    }
    if (special == 3 || special == 4) {
        for (int i = 0; i < depth * lanes; i++) {
            x[i] = special == 3 || i / lanes / 2 % 2 ? 2 : -2;
        }
    }
    for (int n = 0; n < rows; n++) {
        w_scales[n] = value();
    }
    struct bert4j_row *known = rows_of(find, w, rows, depth);
    bert4j_pack_s8_portable(x, depth, lanes, q_expected, scales_expected);
    bert4j_gemm_s8_portable(w, depth, rows, depth, w_scales, known, q_expected, scales_expected, lanes, used, expected);
    memset(y, 0x55, sizeof(float) * rows * lanes);
    pack(x, depth, lanes, q, scales);
    gemm(w, depth, rows, depth, w_scales, known, q, scales, lanes, used, y);
    int right = 1;
    for (int lane = 0; lane < used; lane++) {
        right &= same(scales[lane], scales_expected[lane]);
    }
    check(right, name, "scales", rows, depth, lanes, used);
    right = 1;
    for (int i = 0; i < rows * lanes; i++) {
        right &= i % lanes >= used || same(y[i], expected[i]);
    }
    check(right, name, "bits", rows, depth, lanes, used);
    give_back(whole, size);
    free(x);
    free(y);
    free(expected);
    free(q);
    free(q_expected);
    free(scales);
    free(scales_expected);
    free(w_scales);
    free(known);
}

// The first token of a panel alone, in the last lane of another.
static float *in_last_lane(const float *x, int depth, int lanes, int other) {
    float *moved = panel(depth, other, other, 0);
    for (int k = 0; k < depth; k++) {
        moved[k * other + other - 1] = x[k * lanes];
    }
    return moved;
}

// That it has the bits there that it has in the first.
static void check_last_lane(const char *name, const float *again, const float *y, int rows, int depth, int lanes,
        int other) {
    int right = 1;
    for (int n = 0; n < rows; n++) {
        right &= same(again[n * other + other - 1], y[n * lanes]);
    }
    check(right, name, "bits in another lane", rows, depth, lanes, other);
}

// Against double precision over the rounded values: each of depth additions is off by 2^-24 of the sum of magnitudes,
// and instructions may take numbers below 2^-126 as 0. And the bits of a token are the same in any lane.
void test_bf16(const char *name, bert4j_pack_bf16 *pack, bert4j_gemm_bf16 *gemm, int rows, int depth, int lanes,
        int used, int special) {
    void *whole;
    size_t size;
    char *w = before_the_end(2 * (size_t) rows * depth + 1, &whole, &size) + 1;
    float *x = panel(depth, lanes, used, special), *y = malloc(sizeof(float) * rows * lanes);
    size_t packed = 2 * (size_t) lanes * ((depth + 31) / 32 * 32);
    void *q = malloc(packed);
    uint16_t *rounded = malloc(sizeof(uint16_t) * depth * lanes);
    for (int i = 0; i < rows * depth; i++) {
        uint16_t weight = shortened(value());
        memcpy(w + 2 * i, &weight, 2);
    }
    bert4j_pack_bf16_portable(x, depth, lanes, rounded);
    pack(x, depth, lanes, q);
    gemm(w, 2 * depth, rows, depth, q, lanes, used, y);
    int right = 1;
    for (int n = 0; n < rows; n++) {
        for (int lane = 0; lane < used; lane++) {
            double sum = 0, magnitudes = 0;
            for (int k = 0; k < depth; k++) {
                uint16_t weight;
                memcpy(&weight, w + 2 * (n * depth + k), 2);
                double product = (double) widened(weight) * widened(rounded[k * lanes + lane]);
                sum += product;
                magnitudes += fabs(product);
            }
            float found = y[n * lanes + lane];
            right &= isnan(sum) ? isnan(found) : isinf(sum) ? found == sum
                    : fabs(found - sum) <= (depth + 2) * 0x1p-24 * magnitudes + depth * 0x1p-100;
        }
    }
    check(right, name, "values", rows, depth, lanes, used);
    for (int other = 8; other <= 32; other *= 2) {
        float *moved = in_last_lane(x, depth, lanes, other), *again = malloc(sizeof(float) * rows * other);
        void *q_moved = malloc(2 * (size_t) other * ((depth + 31) / 32 * 32));
        pack(moved, depth, other, q_moved);
        gemm(w, 2 * depth, rows, depth, q_moved, other, other, again);
        check_last_lane(name, again, y, rows, depth, lanes, other);
        free(moved);
        free(again);
        free(q_moved);
    }
    give_back(whole, size);
    free(x);
    free(y);
    free(q);
    free(rounded);
}

// The nearest bf16 of a number and the nearest to what it leaves.
static void split(float value, double *nearest, double *rest) {
    *nearest = nearest_bf16(value);
    *rest = nearest_bf16((float) (value - *nearest));
}

static size_t split_bytes(int rows, int depth) {
    return 4 * (size_t) ((rows + 15) / 16 * 16) * ((depth + 31) / 32 * 32);
}

// As test_bf16, with three products for each k; and against the numbers as they are.
void test_bf16x3(const char *name, bert4j_split_bf16x3 *split_rows, bert4j_pack_bf16x3 *pack,
        bert4j_gemm_bf16x3 *gemm, int rows, int depth, int lanes, int used, int special) {
    void *whole;
    size_t size;
    char *w = before_the_end(sizeof(float) * rows * depth + 1, &whole, &size) + 1;
    float *x = panel(depth, lanes, used, special), *y = malloc(sizeof(float) * rows * lanes);
    void *to = aligned(split_bytes(rows, depth)), *q = aligned(split_bytes(lanes, depth));
    for (int i = 0; i < rows * depth; i++) {
        float weight = value();
        memcpy(w + 4 * i, &weight, 4);
    }
    split_rows(w, 4 * (int64_t) depth, rows, depth, to);
    pack(x, depth, lanes, q);
    gemm(to, rows, depth, q, lanes, used, y);
    int right = 1;
    for (int n = 0; n < rows; n++) {
        for (int lane = 0; lane < used; lane++) {
            double sum = 0, exact = 0, magnitudes = 0;
            for (int k = 0; k < depth; k++) {
                float weight;
                memcpy(&weight, w + 4 * (n * depth + k), 4);
                double nearest, rest, x_nearest, x_rest;
                split(weight, &nearest, &rest);
                split(x[k * lanes + lane], &x_nearest, &x_rest);
                sum += rest * x_nearest + nearest * x_nearest + nearest * x_rest;
                exact += (double) weight * x[k * lanes + lane];
                magnitudes += fabs((double) weight * x[k * lanes + lane]);
            }
            const double added = (3 * depth + 2) * 0x1p-24 * magnitudes + depth * 0x1p-100;
            float found = y[n * lanes + lane];
            right &= !isfinite(sum) ? isnan(found)
                    : fabs(found - sum) <= added && fabs(found - exact) <= added + 0x1p-15 * magnitudes;
        }
    }
    check(right, name, "values", rows, depth, lanes, used);
    for (int other = 8; other <= 32; other *= 2) {
        float *moved = in_last_lane(x, depth, lanes, other), *again = malloc(sizeof(float) * rows * other);
        void *q_moved = aligned(split_bytes(other, depth));
        pack(moved, depth, other, q_moved);
        gemm(to, rows, depth, q_moved, other, other, again);
        check_last_lane(name, again, y, rows, depth, lanes, other);
        free(moved);
        free(again);
        free(q_moved);
    }
    give_back(whole, size);
    free(x);
    free(y);
    free(to);
    free(q);
}
