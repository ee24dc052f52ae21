// Attention.
#include "checks.h"

// Panels of keys and values end where the memory does; of the context only the wanted lanes may change.
void test_attention(const char *name, bert4j_attention_f32 *attention, int size, int keys, int lanes, int used,
        int special) {
    static const int widths[] = {4, 8, 16, 32};
    const int kv_lanes = widths[next() % 4], first = (int) (next() % 50), heads = 1 + (int) (next() % 3);
    const int panels = (first + keys + kv_lanes - 1) / kv_lanes;
    const int64_t panel = (int64_t) heads * size * kv_lanes;
    const size_t floats = (size_t) (panels * panel);
    void *whole[2];
    size_t bytes[2];
    float *kv[2], *mask = malloc(sizeof(float) * keys), factor = special == 2 ? -0.5f : 1;
    for (int i = 0; i < 2; i++) {
        kv[i] = (float *) before_the_end(sizeof(float) * floats, &whole[i], &bytes[i]);
        for (size_t at = 0; at < floats; at++) {
            kv[i][at] = value() * (special == 4 ? 90 : 1);
        }
    }
    if (special == 3) {
        kv[next() % 2][next() % floats] = next() % 2 ? NAN : INFINITY;
    }
    for (int key = 0; key < keys; key++) {
        mask[key] = next() % 3 ? value() : -FLT_MAX;
    }
    float *q = malloc(sizeof(float) * size * lanes), *y = malloc(sizeof(float) * size * lanes);
    float *expected = malloc(sizeof(float) * size * lanes);
    for (int i = 0; i < size * lanes; i++) {
        q[i] = value() * (special == 4 ? 90 : 3);
    }
    const int64_t head = (int64_t) (next() % heads) * size * kv_lanes;
    memset(expected, 0x55, sizeof(float) * size * lanes);
    memset(y, 0x55, sizeof(float) * size * lanes);
    bert4j_attention_f32_portable(q, lanes, used, kv[0] + head, kv[1] + head, panel, kv_lanes, first, keys, size, 0.37f,
            special == 1 ? mask : NULL, factor, expected);
    attention(q, lanes, used, kv[0] + head, kv[1] + head, panel, kv_lanes, first, keys, size, 0.37f,
            special == 1 ? mask : NULL, factor, y);
    int right = 1;
    for (int i = 0; i < size * lanes; i++) {
        right &= same(y[i], expected[i]);
    }
    check(right, name, "attention", keys, size, lanes, used);
    for (int i = 0; i < 2; i++) {
        give_back(whole[i], bytes[i]);
    }
    free(mask);
    free(q);
    free(y);
    free(expected);
}

// A text, one head of `heads`, as it lies in panels that end where the memory does.
struct placed {
    int kv_lanes, first;
    int64_t panel, head;
    float *kv[2];
    void *whole[2];
    size_t bytes[2];
};

static struct placed place(const float *text[2], int keys, int size) {
    static const int widths[] = {8, 16, 24, 32};
    const int heads = 1 + (int) (next() % 3);
    struct placed p = {.kv_lanes = widths[next() % 4], .first = (int) (next() % 50)};
    p.panel = (int64_t) heads * size * p.kv_lanes;
    p.head = (int64_t) (next() % heads) * size * p.kv_lanes;
    const size_t floats = (size_t) ((p.first + keys + p.kv_lanes - 1) / p.kv_lanes * p.panel);
    for (int i = 0; i < 2; i++) {
        p.kv[i] = (float *) before_the_end(sizeof(float) * floats, &p.whole[i], &p.bytes[i]);
        for (size_t at = 0; at < floats; at++) {
            p.kv[i][at] = next() % 2 ? NAN : INFINITY;
        }
        for (int key = 0; key < keys; key++) {
            const int token = p.first + key;
            for (int d = 0; d < size; d++) {
                p.kv[i][p.head + token / p.kv_lanes * p.panel + d * p.kv_lanes + token % p.kv_lanes]
                        = text[i][key * size + d];
            }
        }
    }
    return p;
}

// Against double precision over rounded queries, keys and values. A score is off by 2^-24 of the sum of magnitudes for
// each addition, and what it makes of a weight, twice, with 1e-5 for the exponential, and 2^-8 for its rounding, is the error
// of the weight, as a part of it, and of the context that of all its products. A weight is 1 at most: scores may be so
// large that theirs is more than a weight can be off by.
static int is_near(const float *q, int q_step, const float *text[2], int keys, int size, float scale, const float *mask,
        float factor, const float *found, int step) {
    double *weights = malloc(sizeof(double) * keys), *errors = malloc(sizeof(double) * keys);
    double greatest = -FLT_MAX, sum = 0, off = 0;
    for (int key = 0; key < keys; key++) {
        double dot = 0, magnitudes = 0;
        for (int d = 0; d < size; d++) {
            const double product = (double) nearest_bf16(q[d * q_step]) * nearest_bf16(text[0][key * size + d]);
            dot += product;
            magnitudes += fabs(product);
        }
        weights[key] = fmaf((float) dot, scale, mask ? mask[key] : 0);
        greatest = weights[key] > greatest ? weights[key] : greatest;
        off = isfinite(magnitudes) ? fmax(off, (size + 3) * 0x1p-24 * scale * magnitudes) : off;
    }
    for (int key = 0; key < keys; key++) {
        const double score = weights[key] - greatest;
        weights[key] = exp(score);
        errors[key] = (0x1p-8 + 2e-5 + (keys + 4) * 0x1p-23) * weights[key] + 2 * (exp(score + 2 * off) - weights[key]);
        sum += weights[key];
    }
    int right = 1;
    for (int d = 0; d < size; d++) {
        double context = 0, error = 0;
        for (int key = 0; key < keys; key++) {
            const double value = nearest_bf16(text[1][key * size + d]) * factor;
            context += weights[key] / sum * value;
            error += fmin(errors[key] / sum, 1.01) * fabs(value);
        }
        const float there = found[d * step];
        right &= isfinite(context) ? fabs(there - context) <= error + 1e-30 : !isfinite(there);
    }
    free(weights);
    free(errors);
    return right;
}

// And the bits of a query are the same in any lane, and wherever its text lies.
void test_attention_bf16(const char *name, bert4j_pack_attention_bf16 *pack, bert4j_attention_bf16 *attention, int size,
        int keys, int lanes, int used, int special) {
    const int up_keys = (keys + 31) / 32 * 32, up_size = (size + 31) / 32 * 32;
    float *both[2], *q = panel(size, lanes, used, 0), *y = malloc(sizeof(float) * size * lanes);
    float *mask = malloc(sizeof(float) * keys), factor = special == 2 ? -0.5f : 1;
    void *packed = aligned(4 * (size_t) up_keys * up_size);
    for (int i = 0; i < 2; i++) {
        both[i] = malloc(sizeof(float) * keys * size);
        for (int at = 0; at < keys * size; at++) {
            both[i][at] = value() * (special == 4 ? 30 : 1);
        }
    }
    if (special == 3) {
        both[next() % 2][next() % (keys * size)] = next() % 2 ? NAN : INFINITY;
    }
    for (int key = 0; key < keys; key++) {
        mask[key] = next() % 3 ? value() : next() % 2 ? -FLT_MAX : -INFINITY;
    }
    // Whole blocks of which nothing is seen.
    for (int key = 0; keys > 260 && key < 256; key++) {
        mask[key] = -INFINITY;
    }
    const float *text[] = {both[0], both[1]}, *masked = special == 1 ? mask : NULL;
    struct placed here = place(text, keys, size);
    pack(here.kv[0] + here.head, here.kv[1] + here.head, here.panel, here.kv_lanes, here.first, keys, size, packed);
    memset(y, 0x55, sizeof(float) * size * lanes);
    attention(q, lanes, used, packed, keys, size, 0.37f, masked, factor, y);
    int right = 1, kept = 1;
    for (int lane = 0; lane < lanes; lane++) {
        if (lane < used) {
            right &= is_near(q + lane, lanes, text, keys, size, 0.37f, masked, factor, y + lane, lanes);
        }
        for (int d = 0; lane >= used && d < size; d++) {
            kept &= memcmp(y + d * lanes + lane, "\x55\x55\x55\x55", 4) == 0;
        }
    }
    check(right, name, "attention in bf16", keys, size, lanes, used);
    check(kept, name, "lanes left alone", keys, size, lanes, used);
    struct placed there = place(text, keys, size);
    pack(there.kv[0] + there.head, there.kv[1] + there.head, there.panel, there.kv_lanes, there.first, keys, size, packed);
    for (int other = 8; other <= 32; other += 8) {
        float *moved = panel(size, other, other, 0), *again = malloc(sizeof(float) * size * other);
        const int to = (int) (next() % other), from = (int) (next() % used);
        for (int d = 0; d < size; d++) {
            moved[d * other + to] = q[d * lanes + from];
        }
        attention(moved, other, other, packed, keys, size, 0.37f, masked, factor, again);
        right = 1;
        for (int d = 0; d < size; d++) {
            right &= same(again[d * other + to], y[d * lanes + from]);
        }
        check(right, name, "attention in another lane", keys, size, other, other);
        free(moved);
        free(again);
    }
    for (int i = 0; i < 2; i++) {
        give_back(here.whole[i], here.bytes[i]);
        give_back(there.whole[i], there.bytes[i]);
        free(both[i]);
    }
    free(q);
    free(y);
    free(mask);
    free(packed);
}
