// Rows of weights in fewer bits as fp32, eight at a time. Included once, with what makes eight floats of the memory at p:
//     NAME(x)              x with what tells the kind
//     EIGHT_BF16(p, to), EIGHT_F16(p, to), EIGHT_S8(p, scale, to)
//     EIGHT_SCALED(p, scale, columns, to)    EIGHT_S8, and then times the scale of each column

#define WIDENED(width, eight, one)                                                                                     \
    for (; i + 8 <= depth; i += 8, p += 8 * (width)) {                                                                 \
        eight;                                                                                                         \
    }                                                                                                                  \
    for (; i < depth; i++, p += (width)) {                                                                             \
        to[i] = one;                                                                                                   \
    }

static inline __attribute__((always_inline)) void NAME(widen)(const void *w, const int stored, const int rows,
        const int depth, const float *scales, const float *columns, float *to) {
    const char *p = w;
    for (int row = 0; row < rows; row++, to += depth) {
        int i = 0;
        switch (stored) {
            case BERT4J_STORED_BF16:
                WIDENED(2, EIGHT_BF16(p, to + i), of_bf16(half_at(p)))
                break;
            case BERT4J_STORED_F16:
                WIDENED(2, EIGHT_F16(p, to + i), of_f16(half_at(p)))
                break;
            default: {
                const float scale = scales[row];
                if (columns) {
                    WIDENED(1, EIGHT_SCALED(p, scale, columns + i, to + i),
                            (float) *(const int8_t *) p * scale * columns[i])
                } else {
                    WIDENED(1, EIGHT_S8(p, scale, to + i), (float) *(const int8_t *) p * scale)
                }
            }
        }
    }
}

#undef WIDENED
#undef NAME
#undef EIGHT_BF16
#undef EIGHT_F16
#undef EIGHT_S8
#undef EIGHT_SCALED
