// What surrounds the products, and widening.
#include "checks.h"

static const struct pointwise portable = POINTWISE(portable);

// What surrounds the products, on panels that end where the memory does.
void test_pointwise(const char *name, const struct pointwise *found, int rows, int lanes, int used,
        int special) {
    const size_t count = (size_t) rows * lanes;
    void *whole;
    size_t size;
    float *y = (float *) before_the_end(sizeof(float) * count, &whole, &size);
    float *x = panel(rows, lanes, lanes, special == 2 ? 0 : special), *expected = malloc(sizeof(float) * count);
    float *residual = panel(rows, lanes, lanes, 0), *weight = panel(rows, 1, 1, 0), *bias = panel(rows, 1, 1, 0);
    for (size_t i = 0; special == 2 && i < count; i++) {
        x[i] *= 20;
    }
    for (int what = 0; what < 12; what++) {
        const struct pointwise *by[] = {&portable, found};
        float *to[] = {expected, y};
        for (int i = 0; i < 2; i++) {
            memcpy(to[i], x, sizeof(float) * count);
            switch (what) {
                case 0: by[i]->add(to[i], lanes, rows, used, bias, NULL); break;
                case 1: by[i]->add(to[i], lanes, rows, used, NULL, residual); break;
                case 2: by[i]->gelu(to[i], lanes, rows, used, bias); break;
                case 3: by[i]->gelu(to[i], lanes, rows, used, NULL); break;
                case 4: by[i]->norm(x, to[i], lanes, rows, used, weight, bias, 1e-12f); break;
                case 5: by[i]->norm(to[i], to[i], lanes, rows, used, weight, bias, 1e-5f); break;
                case 6: by[i]->rest(x, rows, lanes, to[i], 0); break;
                case 7: by[i]->rest(x, rows / 2, lanes, to[i], 1); break;
                case 8: by[i]->fold(x, lanes, rows / 2, to[i]); break;
                case 10: by[i]->scale(x, rows, lanes, weight, to[i]); break;
                case 9: by[i]->tanh(to[i], lanes, rows, used, bias); break;
                default: by[i]->short_gelu(to[i], lanes, rows, used, bias);
            }
        }
        int right = 1;
        for (size_t i = 0; i < count; i++) {
            right &= same(y[i], expected[i]);
        }
        check(right, name, "pointwise", what, rows, lanes, used);
    }
    give_back(whole, size);
    free(x);
    free(expected);
    free(residual);
    free(weight);
    free(bias);
}

// All numbers of sixteen bits, or bytes, in rows of any length, up to the end of what may be read.
void test_widen(const char *name, bert4j_widen *widen, int stored, int rows, int depth) {
    void *whole;
    size_t size;
    const size_t count = (size_t) rows * depth, width = stored == BERT4J_STORED_S8 ? 1 : 2;
    char *w = before_the_end(count * width, &whole, &size);
    float *found = malloc(sizeof(float) * count), *expected = malloc(sizeof(float) * count);
    float *scales = malloc(sizeof(float) * rows);
    uint16_t half = (uint16_t) next();
    for (size_t i = 0; i < count; i++, half++) {
        memcpy(w + i * width, &half, width);
    }
    for (int row = 0; row < rows; row++) {
        scales[row] = value();
    }
    float *columns = panel(depth, 1, 1, 0);
    for (int with = 0; with < 2; with++) {
        bert4j_widen_portable(w, stored, rows, depth, scales, with ? columns : NULL, expected);
        widen(w, stored, rows, depth, scales, with ? columns : NULL, found);
        int right = 1;
        for (size_t i = 0; i < count; i++) {
            right &= same(found[i], expected[i]);
        }
        check(right, name, "widened", rows, depth, stored, with);
    }
    free(columns);
    give_back(whole, size);
    free(found);
    free(expected);
    free(scales);
}
