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
    // The panel that is multiplied after this one, or NULL. Of fp32 alone.
    const char *next;
    // Of int8 alone: of rows; and of columns, where they have some and the product is in fp32.
    const float *w_scales;
    const float *columns;
    const struct bert4j_row *known;
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

static inline uint16_t half_at(const void *p) {
    uint16_t value;
    memcpy(&value, p, 2);
    return value;
}

static inline float of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

static inline float of_bf16(uint16_t half) {
    return of_bits((uint32_t) half << 16);
}

// Bits are put in place and the exponent corrected by a product, which is exact for denormal numbers, too.
static inline float of_f16(uint16_t half) {
    const uint32_t magnitude = (half & 0x7FFFu) << 13;
    const float finite = of_bits(magnitude) * 0x1p112f;
    uint32_t bits = magnitude | 0x7F800000;
    if ((half & 0x7C00) != 0x7C00) {
        memcpy(&bits, &finite, 4);
    }
    return of_bits(bits | (half & 0x8000u) << 16);
}

// Lines so many bytes apart go to the same places of the first-level cache.
enum { SAME_LINE = 4096 };

// How many tiles of so many rows there are, and lie between the rows of a tile; one less where these would want the same
// lines otherwise, and do not then.
static inline int64_t tiles_apart(const struct product *p, int rows) {
    const int64_t tiles = p->rows / rows;
    return tiles > 1 && tiles * p->step % SAME_LINE == 0 && p->step % SAME_LINE != 0 ? tiles - 1 : tiles;
}

static inline int stored_bytes(int stored) {
    return stored == BERT4J_STORED_S8 ? 1 : 2;
}

// How many bytes ahead weights are fetched where a panel has one vector.
#ifndef AHEAD
#define AHEAD 1024
#endif

#endif
