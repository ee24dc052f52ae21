// The product of gemm.cl by tensor cores: x and w are rounded to bf16 or tf32 on their way to local memory, and summed
// as fp32. With PLANES 2 they are split into two tf32 each, big + small, and three of the four products are taken: what
// the fourth and the rest behind small would add is a few units of the last place of fp32 at the most.
//
// A work-group computes BM tokens by BN outputs, WORDS words of the depth at a time, a warp WM by WN of them. A sum
// grows by eight words at a time with the depth ascending, however large the tiles are, and no token sees another: so
// the bits are the same in every batch. What is outside of the matrices is 0.
#pragma OPENCL FP_CONTRACT OFF

#define WARPS_N (BN / WN)
#define ITEMS (BM / WM * WARPS_N * 32)
#define BK (WORDS * PER_WORD)
#define QUADS (BK / 4)
// Quads of a tile that a work-item brings.
#define SHARE(rows) ((rows * QUADS + ITEMS - 1) / ITEMS)
// Rows begin in different banks by turning their quads, which takes no memory.
#define TURN(row) (row / (32 / WORDS) * 4 % WORDS)

// Sums of a work-item, and where the i-th of them lies in the tile of the group.
#define COUNT (WM * WN / 32)
#define TOKEN(i) (warp_m + (i) / 4 / (WN / 8) * 16 + g + (i) % 4 / 2 * 8)
#define OUTPUT(i) (warp_n + (i) / 4 % (WN / 8) * 8 + 2 * t + (i) % 2)

// The work-item's share of rows [first, first + count) from depth `from` on.
static inline void fetch(__global const float *matrix, int rows, int depth, int first, int from, int count, int item,
        float4 *quads) {
    UNROLL for (int i = 0; i < SHARE(count); i++) {
        int row = first + (item + i * ITEMS) / QUADS;
        int k = from + (item + i * ITEMS) % QUADS * 4;
        quads[i] = 0;
        if (row < rows && k < depth && item + i * ITEMS < count * QUADS) {
            __global const float *source = matrix + (size_t) row * depth + k;
            if (depth % 4 == 0) {
                quads[i] = *(__global const float4 *) source;
            } else {
                quads[i].s0 = source[0];
                if (k + 1 < depth) quads[i].s1 = source[1];
                if (k + 2 < depth) quads[i].s2 = source[2];
                if (k + 3 < depth) quads[i].s3 = source[3];
            }
        }
    }
}

static inline uint4 rounded(float4 quad) {
    return (uint4) (tf32(quad.s0), tf32(quad.s1), tf32(quad.s2), tf32(quad.s3));
}

// Puts that share into the tile, [PLANES][count][WORDS].
static inline void put(const float4 *quads, int count, int item, __local uint *tile) {
    UNROLL for (int i = 0; i < SHARE(count); i++) {
        int row = (item + i * ITEMS) / QUADS;
        int word = (item + i * ITEMS) % QUADS * 4 / PER_WORD;
        __local uint *target = tile + row * WORDS + (word ^ TURN(row));
        if (item + i * ITEMS < count * QUADS) {
#ifdef BF16
            *(__local uint2 *) target =
                    (uint2) (bf16_pair(quads[i].s0, quads[i].s1), bf16_pair(quads[i].s2, quads[i].s3));
#else
            uint4 big = rounded(quads[i]);
            *(__local uint4 *) target = big;
#if PLANES == 2
            *(__local uint4 *) (target + count * WORDS) = rounded(quads[i] - as_float4(big));
#endif
#endif
        }
    }
}

// Adds the products of eight words to a sum. Where it must be as exact as fp32, parts are added outside of the tensor
// cores, which cut off what they add and do not round it; the smallest products come first.
#if PLANES == 2
#define ADD(sum, a, b)                                                                             \
    {                                                                                              \
        float part[4] = {0, 0, 0, 0};                                                              \
        MULTIPLY(part, a[1], b[0]);                                                                \
        MULTIPLY(part, a[0], b[1]);                                                                \
        MULTIPLY(part, a[0], b[0]);                                                                \
        UNROLL for (int r = 0; r < 4; r++) sum[r] += part[r];                                      \
    }
#else
#define ADD(sum, a, b) MULTIPLY(sum, a[0], b[0]);
#endif

__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1)))
void tensor_gemm(__global const float *x, __global const float *w, __global const float *bias,
        __global const float *residual, __global float *y, int tokens, int outputs, int depth, int biased, int added) {
    // Two of each: one is filled while the other is used.
    __local uint xs[2][PLANES * BM * WORDS] __attribute__((aligned(16)));
    __local uint ws[2][PLANES * BN * WORDS] __attribute__((aligned(16)));
    MMA_SCRATCH
    int item = get_local_id(0);
    int lane = item % 32;
    int first_m = get_group_id(1) * BM;
    int first_n = get_group_id(0) * BN;
    int warp_m = item / 32 / WARPS_N * WM;
    int warp_n = item / 32 % WARPS_N * WN;
    int g = lane / 4;
    int t = lane % 4;
    float sums[WM / 16][WN / 8][4];
    UNROLL for (int i = 0; i < WM / 16; i++) {
        UNROLL for (int j = 0; j < WN / 8; j++) {
            UNROLL for (int r = 0; r < 4; r++) sums[i][j][r] = 0;
        }
    }
    float4 x_quads[SHARE(BM)];
    float4 w_quads[SHARE(BN)];
    fetch(x, tokens, depth, first_m, 0, BM, item, x_quads);
    fetch(w, outputs, depth, first_n, 0, BN, item, w_quads);
    put(x_quads, BM, item, xs[0]);
    put(w_quads, BN, item, ws[0]);
    barrier(CLK_LOCAL_MEM_FENCE);
    int now = 0;
    for (int from = 0; from < depth; from += BK) {
        // Comes while the products are made.
        fetch(x, tokens, depth, first_m, from + BK, BM, item, x_quads);
        fetch(w, outputs, depth, first_n, from + BK, BN, item, w_quads);
        UNROLL for (int word = 0; word < WORDS; word += 8) {
            // Of rows that are eight apart the turn is the same.
            int low = (word + t) ^ TURN(g);
            int high = (word + t + 4) ^ TURN(g);
            uint b[WN / 8][PLANES][2];
            UNROLL for (int j = 0; j < WN / 8; j++) {
                UNROLL for (int p = 0; p < PLANES; p++) {
                    __local const uint *row = ws[now] + (p * BN + warp_n + j * 8 + g) * WORDS;
                    b[j][p][0] = row[low];
                    b[j][p][1] = row[high];
                }
            }
            UNROLL for (int i = 0; i < WM / 16; i++) {
                uint a[PLANES][4];
                UNROLL for (int p = 0; p < PLANES; p++) {
                    __local const uint *row = xs[now] + (p * BM + warp_m + i * 16 + g) * WORDS;
                    a[p][0] = row[low];
                    a[p][1] = row[8 * WORDS + low];
                    a[p][2] = row[high];
                    a[p][3] = row[8 * WORDS + high];
                }
                UNROLL for (int j = 0; j < WN / 8; j++) {
                    ADD(sums[i][j], a, b[j])
                }
            }
        }
        now = 1 - now;
        put(x_quads, BM, item, xs[now]);
        put(w_quads, BN, item, ws[now]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    ulong broken = 0;
    UNROLL for (int i = 0; i < COUNT; i++) {
        int m = first_m + TOKEN(i);
        int n = first_n + OUTPUT(i);
        float sum = sums[i / 4 / (WN / 8)][i / 4 % (WN / 8)][i % 4];
        if (m < tokens && n < outputs) {
            size_t at = (size_t) m * outputs + n;
            y[at] = finish(sum, n, at, bias, biased, residual, added);
            broken |= isfinite(sum) ? 0 : 1UL << i;
        }
    }
    // What is infinite or no number is summed as the definition has it: infinite parts of a split, or values that round
    // to infinity, would spoil what has a value.
    for (int i = 0; broken != 0; i++, broken >>= 1) {
        if (broken & 1) {
            int m = first_m + TOKEN(i);
            int n = first_n + OUTPUT(i);
            size_t at = (size_t) m * outputs + n;
            float sum = 0;
            for (int k = 0; k < depth; k++) {
                sum = fma(w[(size_t) n * depth + k], x[(size_t) m * depth + k], sum);
            }
            y[at] = finish(sum, n, at, bias, biased, residual, added);
        }
    }
}
