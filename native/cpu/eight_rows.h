// Eight rows of weights with one vector of tokens, a line of 64 bytes of each row.
//
// Each multiply-add needs a weight in every lane. If all were broadcast as they are loaded, loads would be what there is
// most of, nine for eight multiply-adds, and two a cycle is all that many processors do. So three rows of fp32 load four k
// at once, to both halves of a vector, and spread them from there, one after the other, on a unit that has little else to
// do; and bf16 is loaded two k at a time.
//
// It is assembler because order matters: compilers put multiply-adds so that units wait for each other, and keep addresses
// on the stack, which is loads again. With both, they are three quarters as fast.
#ifndef BERT4J_EIGHT_ROWS_H
#define BERT4J_EIGHT_ROWS_H

#include <immintrin.h>
#include <stdint.h>

#define SUMS                                                                                                           \
    [sum0] "+&x"(sums[0][0]), [sum1] "+&x"(sums[1][0]), [sum2] "+&x"(sums[2][0]), [sum3] "+&x"(sums[3][0]),            \
    [sum4] "+&x"(sums[4][0]), [sum5] "+&x"(sums[5][0]), [sum6] "+&x"(sums[6][0]), [sum7] "+&x"(sums[7][0])
// The weights of each row that are `at` bytes behind its first.
#define ROW0(at) at "(%[low])"
#define ROW1(at) at "(%[low], %[step])"
#define ROW2(at) at "(%[low], %[step], 2)"
#define ROW3(at) at "(%[low], %[step3])"
#define ROW4(at) at "(%[high])"
#define ROW5(at) at "(%[high], %[step])"
#define ROW6(at) at "(%[high], %[step], 2)"
#define ROW7(at) at "(%[high], %[step3])"
#define MADD_BY(weight, sum) weight "vfmadd231ps %[x_k], %[weight], %[" sum "]\n\t"
#define LOADED(row) "vbroadcastss " row ", %[weight]\n\t"
#define SPREAD(which, four) "vpermilps $" which ", %[" four "], %[weight]\n\t"
#define ONE_K(at, which)                                                                                               \
    "vmovups (%[x]), %[x_k]\n\t"                                                                                       \
    "add %[x_step], %[x]\n\t"                                                                                          \
    MADD_BY(LOADED(ROW0(at)), "sum0")                                                                                  \
    MADD_BY(SPREAD(which, "four1"), "sum1")                                                                            \
    MADD_BY(LOADED(ROW2(at)), "sum2")                                                                                  \
    MADD_BY(SPREAD(which, "four3"), "sum3")                                                                            \
    MADD_BY(LOADED(ROW4(at)), "sum4")                                                                                  \
    MADD_BY(SPREAD(which, "four5"), "sum5")                                                                            \
    MADD_BY(LOADED(ROW6(at)), "sum6")                                                                                  \
    MADD_BY(LOADED(ROW7(at)), "sum7")

// Of fp32. Rows lie `step` bytes apart, the first at `low` and the fifth at `high`, and what x has of each k `x_step` bytes.
static inline __attribute__((always_inline)) void eight_rows(__m256 (*sums)[2], const char *low, const char *high,
        int64_t step, const char *x, int64_t x_step) {
    for (int byte = 0; byte < 64; byte += 16, low += 16, high += 16) {
        __m256 four1, four3, four5, weight, x_k;
        __asm__ volatile(
            "vbroadcastf128 " ROW1("0") ", %[four1]\n\t"
            "vbroadcastf128 " ROW3("0") ", %[four3]\n\t"
            "vbroadcastf128 " ROW5("0") ", %[four5]\n\t"
            ONE_K("0", "0x00")
            ONE_K("4", "0x55")
            ONE_K("8", "0xAA")
            ONE_K("12", "0xFF")
            : SUMS, [four1] "=&x"(four1), [four3] "=&x"(four3), [four5] "=&x"(four5), [weight] "=&x"(weight),
            [x_k] "=&x"(x_k), [x] "+&r"(x)
            : [low] "r"(low), [high] "r"(high), [step] "r"(step), [step3] "r"(3 * step), [x_step] "r"(x_step)
            : "cc", "memory");
    }
}

// Two k of two rows: of the words with both, those in the high half, the second ones, and those in the low half.
#define PAIR_OF_TWO(row, other, sum, other_sum)                                                                        \
    "vbroadcastss " row ", %[second]\n\t"                                                                              \
    "vpslld $16, %[second], %[first]\n\t"                                                                              \
    "vandps %[high_half], %[second], %[second]\n\t"                                                                    \
    "vbroadcastss " other ", %[other_second]\n\t"                                                                      \
    "vpslld $16, %[other_second], %[other_first]\n\t"                                                                  \
    "vandps %[high_half], %[other_second], %[other_second]\n\t"                                                        \
    "vfmadd231ps %[x_first], %[first], %[" sum "]\n\t"                                                                 \
    "vfmadd231ps %[x_first], %[other_first], %[" other_sum "]\n\t"                                                     \
    "vfmadd231ps %[x_second], %[second], %[" sum "]\n\t"                                                               \
    "vfmadd231ps %[x_second], %[other_second], %[" other_sum "]\n\t"
#define TWO_K(at)                                                                                                      \
    "vmovups (%[x]), %[x_first]\n\t"                                                                                   \
    "vmovups (%[x], %[x_step]), %[x_second]\n\t"                                                                       \
    "lea (%[x], %[x_step], 2), %[x]\n\t"                                                                               \
    PAIR_OF_TWO(ROW0(at), ROW1(at), "sum0", "sum1")                                                                    \
    PAIR_OF_TWO(ROW2(at), ROW3(at), "sum2", "sum3")                                                                    \
    PAIR_OF_TWO(ROW4(at), ROW5(at), "sum4", "sum5")                                                                    \
    PAIR_OF_TWO(ROW6(at), ROW7(at), "sum6", "sum7")

// Of bf16, where `x_step` is what x has of two k. It has thirty operands, if those that are read and written count twice,
// and GCC takes no more.
static inline __attribute__((always_inline)) void eight_rows_of_bf16(__m256 (*sums)[2], const char *low,
        const char *high, int64_t step, const char *x, int64_t x_step) {
    const __m256 high_half = _mm256_castsi256_ps(_mm256_set1_epi32((int) 0xFFFF0000));
    for (int byte = 0; byte < 64; byte += 8, low += 8, high += 8) {
        __m256 first, second, other_first, other_second, x_first, x_second;
        __asm__ volatile(
            TWO_K("0")
            TWO_K("4")
            : SUMS, [first] "=&x"(first), [second] "=&x"(second), [other_first] "=&x"(other_first),
            [other_second] "=&x"(other_second), [x_first] "=&x"(x_first), [x_second] "=&x"(x_second), [x] "+&r"(x)
            : [low] "r"(low), [high] "r"(high), [step] "r"(step), [step3] "r"(3 * step), [x_step] "r"(x_step / 2),
            [high_half] "x"(high_half)
            : "cc", "memory");
    }
}

#endif
