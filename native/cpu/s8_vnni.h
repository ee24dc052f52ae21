// int8 with the instruction that adds four products of an unsigned and a signed byte to 32 bits. Tokens are the unsigned
// side, with 128 added, and 128 times the sum of the row is taken off again. Included by those that say how it is
// called: DPBUSD, STORE, WIDE, NARROW and perhaps a vector of sixteen lanes.
#include "pack_avx2.h"

static inline void store_ymm(const struct product *p, __m256i sums, int row, int lane) {
    store_s8(p, _mm256_sub_epi32(sums, _mm256_set1_epi32(128 * p->known[row].sum)), row, lane);
}

#define NAME(x) x##_ymm
#define VECTOR __m256i
#define LANES 8
#define ZERO _mm256_setzero_si256
#define INPUT __m256i
#define LOAD(p) _mm256_loadu_si256((const __m256i *) (p))
#define WEIGHT __m256i
#define BROADCAST(p) _mm256_set1_epi32(int_at(p))
#define MADD DPBUSD
#define STORE store_ymm
#define WIDE 8
#define NARROW YMM_NARROW
#include "gemm.h"
