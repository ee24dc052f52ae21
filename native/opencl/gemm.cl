// y = f(x * transposed(w) + bias), or with the residual added: x is [tokens][depth], w [outputs][depth].
//
// A work-group computes BM tokens by BN outputs, BK of the depth at a time through local memory, a work-item TM by TN of
// them in registers. Each of them is one chain of fused multiply-adds with the depth ascending, so that the bits are
// those of every other backend. TM and TN are multiples of four: what a work-item owns lies in quads, and the quads of
// neighbours side by side.
#pragma OPENCL FP_CONTRACT OFF

#define ITEMS_M (BM / TM)
#define ITEMS_N (BN / TN)
#define ITEMS (ITEMS_M * ITEMS_N)

// Brings rows [first, first + count) and columns [from, from + BK) of a matrix to local memory, columns outwards; what
// lies outside is 0.
static inline void load_tile(__global const float *matrix, int rows, int depth, int first, int from, __local float *tile,
        int count, int stride, int item) {
    for (int i = item; i < count * (BK / 4); i += ITEMS) {
        int row = i / (BK / 4);
        int k = i % (BK / 4) * 4;
        float4 quad = 0;
        if (first + row < rows) {
            __global const float *source = matrix + (size_t) (first + row) * depth + from + k;
            int left = depth - from - k;
            if (left >= 4) {
                quad = vload4(0, source);
            } else {
                if (left > 0) quad.s0 = source[0];
                if (left > 1) quad.s1 = source[1];
                if (left > 2) quad.s2 = source[2];
            }
        }
        tile[k * stride + row] = quad.s0;
        tile[(k + 1) * stride + row] = quad.s1;
        tile[(k + 2) * stride + row] = quad.s2;
        tile[(k + 3) * stride + row] = quad.s3;
    }
}

#define STEP(kk)                                                                                   \
    {                                                                                              \
        float4 a[TM / 4];                                                                          \
        float4 b[TN / 4];                                                                          \
        _Pragma("unroll") for (int i = 0; i < TM / 4; i++) a[i] = xs[kk][item_m + i * ITEMS_M];     \
        _Pragma("unroll") for (int j = 0; j < TN / 4; j++) b[j] = ws[kk][item_n + j * ITEMS_N];     \
        _Pragma("unroll") for (int i = 0; i < TM / 4; i++) {                                       \
            _Pragma("unroll") for (int j = 0; j < TN / 4; j++) {                                   \
                sums[4 * i][j] = fma((float4) a[i].s0, b[j], sums[4 * i][j]);                      \
                sums[4 * i + 1][j] = fma((float4) a[i].s1, b[j], sums[4 * i + 1][j]);              \
                sums[4 * i + 2][j] = fma((float4) a[i].s2, b[j], sums[4 * i + 2][j]);              \
                sums[4 * i + 3][j] = fma((float4) a[i].s3, b[j], sums[4 * i + 3][j]);              \
            }                                                                                      \
        }                                                                                          \
    }

__kernel __attribute__((reqd_work_group_size(ITEMS_N, ITEMS_M, 1)))
void gemm(__global const float *x, __global const float *w, __global const float *bias,
        __global const float *residual, __global float *y, int tokens, int outputs, int depth, int biased, int added) {
    // One quad more a row, so that the columns that are written begin in different banks.
    __local float4 xs[BK][BM / 4 + 1];
    __local float4 ws[BK][BN / 4 + 1];
    int item_n = get_local_id(0);
    int item_m = get_local_id(1);
    int item = item_m * ITEMS_N + item_n;
    int first_n = get_group_id(0) * BN;
    int first_m = get_group_id(1) * BM;
    float4 sums[TM][TN / 4];
    for (int i = 0; i < TM; i++) {
        for (int j = 0; j < TN / 4; j++) {
            sums[i][j] = 0;
        }
    }
    for (int from = 0; from < depth; from += BK) {
        load_tile(x, tokens, depth, first_m, from, (__local float *) xs, BM, BM + 4, item);
        load_tile(w, outputs, depth, first_n, from, (__local float *) ws, BN, BN + 4, item);
        barrier(CLK_LOCAL_MEM_FENCE);
        if (depth - from >= BK) {
            #pragma unroll
            for (int k = 0; k < BK; k++) STEP(k)
        } else {
            // Not the zeros behind the end: to add them would turn a negative zero.
            for (int k = 0; k < depth - from; k++) STEP(k)
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    for (int i = 0; i < TM; i++) {
        int m = first_m + (i / 4 * ITEMS_M + item_m) * 4 + i % 4;
        for (int j = 0; j < TN / 4 && m < tokens; j++) {
            int n = first_n + (j * ITEMS_N + item_n) * 4;
            size_t at = (size_t) m * outputs + n;
            float4 s = sums[i][j];
            if (n < outputs) y[at] = finish(s.s0, n, at, bias, biased, residual, added);
            if (n + 1 < outputs) y[at + 1] = finish(s.s1, n + 1, at + 1, bias, biased, residual, added);
            if (n + 2 < outputs) y[at + 2] = finish(s.s2, n + 2, at + 2, bias, biased, residual, added);
            if (n + 3 < outputs) y[at + 3] = finish(s.s3, n + 3, at + 3, bias, biased, residual, added);
        }
    }
}
