// A product of weights and a panel, as the kernels pass it on.
#ifndef BERT4J_PRODUCT_H
#define BERT4J_PRODUCT_H

#include "bert4j.h"

#include <string.h>

struct product {
    const char *w;
    int64_t step;
    int rows;
    int depth;
    // Bytes of a weight.
    int width;
    const char *x;
    int lanes;
    float *y;
    // Of int8 alone.
    const float *w_scales;
    const int32_t *sums;
    const float *x_scales;
};

// Four bytes of any alignment.
static inline float float_at(const void *p) {
    float value;
    memcpy(&value, p, 4);
    return value;
}

static inline int32_t int_at(const void *p) {
    int32_t value;
    memcpy(&value, p, 4);
    return value;
}

// How many bytes ahead weights are fetched where a panel has one vector.
enum { AHEAD = 1024 };

#endif
