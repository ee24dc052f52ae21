// Products of weights in fewer bits with rows for lanes, as row_lanes.h says, sixteen bytes of each row at a time. They are
// transposed four bytes at once, as they are stored, in a few insertions and eight shuffles, and widened afterwards, for all
// rows at once: fewer instructions than to widen first, and few enough between the multiply-adds of one piece and of the
// next that a processor, which looks ahead some hundred instructions, does both at the same time. A file includes it once,
// with
//     LANES           8 or 16
//     OP(name)        the name of the operation on vectors of so many lanes
//     VECTOR, INTS    of floats and of integers
//     JOIN(lanes, i, at, count)   as INTS, sixteen bytes, or `count` and zeros, at `at` of the rows i, i + 4 and so on
//     OF_HALVES(ints) as VECTOR, the F16 in the low half of each; not defined where there is no tile of them
// and a function store_tokens(p, sums, tokens, row, apart, first) for what becomes of the sums of tokens.

// Bytes of a row that are transposed at once, and bytes that weights are fetched ahead.
enum { PIECE = 16, AHEAD_OF_FOURS = 128 };

// Bytes at p, of which no more than so many are read.
static inline __attribute__((always_inline)) __m128i piece_of(const char *p, int count) {
    char bytes[PIECE] = {0};
    if (count == PIECE) {
        return _mm_loadu_si128((const __m128i *) p);
    }
    memcpy(bytes, p, (size_t) count);
    return _mm_loadu_si128((const __m128i *) bytes);
}

// Bytes of each row from `at` on: those of row r are in lane r, the first four in the first vector.
static inline __attribute__((always_inline)) void fours_of(const struct lanes *lanes, int64_t at, int count,
        INTS fours[4]) {
    const INTS m0 = JOIN(lanes, 0, at, count), m1 = JOIN(lanes, 1, at, count);
    const INTS m2 = JOIN(lanes, 2, at, count), m3 = JOIN(lanes, 3, at, count);
    const INTS low = OP(unpacklo_epi32)(m0, m1), high = OP(unpackhi_epi32)(m0, m1);
    const INTS other_low = OP(unpacklo_epi32)(m2, m3), other_high = OP(unpackhi_epi32)(m2, m3);
    fours[0] = OP(unpacklo_epi64)(low, other_low);
    fours[1] = OP(unpackhi_epi64)(low, other_low);
    fours[2] = OP(unpacklo_epi64)(high, other_high);
    fours[3] = OP(unpackhi_epi64)(high, other_high);
}

// Column `of` of the two of bf16 or F16 or the four of int8 in a vector; the scales are those of rows of int8.
static inline __attribute__((always_inline)) VECTOR column_of(const int stored, INTS four, const int of, VECTOR scales) {
    if (stored == BERT4J_STORED_BF16 && of) {
        return (VECTOR) (four & OP(set1_epi32)((int) 0xFFFF0000));
    }
    if (stored == BERT4J_STORED_BF16) {
        return (VECTOR) OP(slli_epi32)(four, 16);
    }
    if (stored == BERT4J_STORED_F16) {
#ifdef OF_HALVES
        return OF_HALVES(of ? OP(srli_epi32)(four, 16) : four);
#else
        __builtin_trap();
#endif
    }
    // The byte becomes the highest, and then the lowest with its sign.
    return OP(mul_ps)(OP(cvtepi32_ps)(OP(srai_epi32)(OP(slli_epi32)(four, 24 - 8 * of), 24)), scales);
}

// Up to so many columns of a piece with tokens, whose values of the first column lie at x. Where columns have scales, too,
// they lie at `by`.
static inline __attribute__((always_inline)) void madd_piece(VECTOR *sums, const int tokens, const int stored,
        const INTS fours[4], VECTOR scales, const float *by, const float *x, int64_t step, const int columns) {
    const int each = 4 / stored_bytes(stored);
#pragma GCC unroll 16
    for (int i = 0; i < 4 * each; i++, x += step) {
        if (i < columns) {
            VECTOR column = column_of(stored, fours[i / each], i % each, scales);
            if (by) {
                column = OP(mul_ps)(column, OP(set1_ps)(by[i]));
            }
#pragma GCC unroll 16
            for (int t = 0; t < tokens; t++) {
                sums[t] = OP(fmadd_ps)(column, OP(set1_ps)(x[t]), sums[t]);
            }
        }
    }
}

static inline VECTOR scales_of(const struct product *p, int row, int64_t apart) {
    float scales[LANES];
    for (int r = 0; r < LANES; r++) {
        scales[r] = p->w_scales[row + r * apart];
    }
    return OP(loadu_ps)(scales);
}

// As many rows as there are lanes, which lie `apart` rows from each other, with so many lanes of the panel; whether columns
// have scales.
static inline __attribute__((always_inline)) void tile_by_fours(const struct product *p, const int stored,
        const int scaled, const int tokens, int row, int64_t apart, int first) {
    const int width = stored_bytes(stored), each = PIECE / width;
    const struct lanes lanes = lanes_of(p, LANES, row, apart);
    const VECTOR scales = stored == BERT4J_STORED_S8 ? scales_of(p, row, apart) : OP(setzero_ps)();
    const float *x = (const float *) p->x + first;
    VECTOR sums[LANES];
    INTS fours[4];
#pragma GCC unroll 16
    for (int t = 0; t < LANES; t++) {
        sums[t] = OP(setzero_ps)();
    }
    int k = 0;
    for (; k + each <= p->depth; k += each, x += each * (int64_t) p->lanes) {
        const int64_t at = (int64_t) width * k;
        if (at % 64 == 0) {
            fetch(&lanes, LANES, at + AHEAD_OF_FOURS);
        }
        fours_of(&lanes, at, PIECE, fours);
        madd_piece(sums, tokens, stored, fours, scales, scaled ? p->columns + k : NULL, x, p->lanes, each);
    }
    const int rest = p->depth - k;
    if (rest) {
        fours_of(&lanes, (int64_t) width * k, width * rest, fours);
        madd_piece(sums, tokens, stored, fours, scales, scaled ? p->columns + k : NULL, x, p->lanes, rest);
    }
    store_tokens(p, sums, tokens, row, apart, first);
}

#define TILE_BY_FOURS(name, as, scaled, tokens)                                                                        \
    static __attribute__((noinline)) void name(const struct product *p, int row, int64_t apart, int first) {           \
        tile_by_fours(p, as, scaled, tokens, row, apart, first);                                                       \
    }
