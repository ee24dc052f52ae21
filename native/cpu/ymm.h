// fp32 with vectors of eight lanes: with AVX2, and with AVX-512 for what does not fill a vector of sixteen. YMM_WIDE,
// YMM_NARROW and YMM_ROWS are rows side by side, as many as the registers are for.
#include "functions.h"
#include "gemm_ymm.h"

static inline __m256 power_ymm(__m256 x) {
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_slli_epi32(_mm256_castps_si256(x), 23),
            _mm256_set1_epi32(ONE_BITS)));
}

// Of two halves of a table: three bits choose in each, the fourth between them.
static inline __m256 pick_ymm(const float *table, __m256i places) {
    return _mm256_blendv_ps(_mm256_permutevar8x32_ps(_mm256_load_ps(table), places),
            _mm256_permutevar8x32_ps(_mm256_load_ps(table + 8), places),
            _mm256_castsi256_ps(_mm256_slli_epi32(places, 28)));
}

#define NAME(x) x##_ymm
#define VECTOR __m256
#define LANES 8
#define LOAD _mm256_loadu_ps
#define STORE _mm256_storeu_ps
#define SET1(x) _mm256_set1_ps(x)
#define FMA _mm256_fmadd_ps
#define GREATER _mm256_max_ps
#define SMALLER _mm256_min_ps
#define ABS(x) _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x)
#define SQRT _mm256_sqrt_ps
#define WHERE_BELOW(x, limit, y, z) _mm256_blendv_ps(z, y, _mm256_cmp_ps(x, _mm256_set1_ps(limit), _CMP_LT_OQ))
#define POWER power_ymm
#define PLACES __m256i
#define FIND _mm256_castps_si256
#define PICK pick_ymm
#define ANY_FROM(x, limit) (_mm256_movemask_ps(_mm256_cmp_ps(x, _mm256_set1_ps(limit), _CMP_NLT_UQ)) != 0)
#define ROWS YMM_ROWS
#include "vectors.h"

#include "widen_ymm.h"
