// Products in fp32 with AVX-512 where a vector of 512 bits takes as long as two of 256 bits, as on Zen 4. There it is not
// worth it to transpose weights for eight tokens, as sixteen_rows.h does: eight rows as with AVX2 are faster, and are all
// that the first-level cache has lines for where rows are a multiple of four kilobytes. Such rows are fetched from farther
// away than others; distances a third longer or a third shorter were slower for both.
#define YMM_WIDE 8
#define YMM_NARROW 6
#include "eight_rows.h"

#define NAME(x) x##_near
#define AHEAD 448
#define WHOLE_LINE eight_rows
#include "gemm_ymm.h"
#undef AHEAD

#define NAME(x) x##_far
#define AHEAD 2816
#define WHOLE_LINE eight_rows
#include "gemm_ymm.h"

enum { TOKENS = 8 };

void bert4j_gemm_f32_avx512_halves(const void *w, int64_t step, int rows, int depth, const float *x, int lanes, int used,
        float *y, const float *next) {
    if (used > TOKENS) {
        bert4j_gemm_f32_avx512(w, step, rows, depth, x, lanes, used, y, next);
        return;
    }
    const struct product p = {.w = w, .step = step, .rows = rows, .depth = depth, .width = 4, .x = (const char *) x,
        .lanes = lanes, .y = y};
    (step % SAME_LINE ? vectors_near : vectors_far)(&p, 1, 0);
}
