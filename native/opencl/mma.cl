// A product of small tiles by the 32 work-items of a warp, and what its operands are made of. They are words: one tf32,
// or two bf16, the earlier in the lower half; so one step takes eight words of the depth in either precision.
//
// Lane l = 4 * g + t holds, as PTX documents it, of the 16 tokens by 8 words `a` words t and t + 4 of tokens g and
// g + 8, in the order (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4); of the 8 outputs by 8 words `b` words t and t + 4
// of output g; and of the 16 by 8 sums `c` outputs 2 * t and 2 * t + 1 of tokens g and g + 8.
#pragma OPENCL FP_CONTRACT OFF

#ifdef BF16
#define PER_WORD 2
#else
#define PER_WORD 1
#endif

#define TF32_BITS 0xffffe000u

#ifndef EMULATE_MMA

// What is indexed in such loops stays in registers.
#define UNROLL _Pragma("unroll")

#ifdef BF16
#define MMA "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32"
#else
#define MMA "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32"
#endif

#define MMA_SCRATCH

static inline void mma(float *c, const uint *a, const uint *b) {
    asm volatile(MMA " {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
            : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// To nearest, the even one of two.
static inline uint bf16_pair(float low, float high) {
    uint word;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
    return word;
}

// To nearest, the larger of two. What is below its bits is not promised to be 0.
static inline uint tf32(float x) {
    uint word;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(word) : "f"(x));
    return word & TF32_BITS;
}

#define MULTIPLY(c, a, b) mma(c, a, b)

#else

// The same in plain OpenCL C, for tests on devices without tensor cores: fragments go through local memory.
#define UNROLL
#define FRAGMENT 6
#define MMA_SCRATCH __local uint fragments[ITEMS][FRAGMENT];

static inline float part_of(uint word, int half_) {
#ifdef BF16
    return as_float(half_ ? word & 0xffff0000u : word << 16);
#else
    return as_float(word & TF32_BITS);
#endif
}

// The lane is handed in: what get_local_id answers in a function, PoCL's threads may share.
static inline void mma(float *c, const uint *a, const uint *b, __local uint (*warp)[FRAGMENT], int lane) {
    for (int i = 0; i < 4; i++) warp[lane][i] = a[i];
    for (int i = 0; i < 2; i++) warp[lane][4 + i] = b[i];
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = 0; i < 4; i++) {
        int token = lane / 4 + i / 2 * 8;
        int output = lane % 4 * 2 + i % 2;
        for (int k = 0; k < 8 * PER_WORD; k++) {
            int word = k / PER_WORD;
            uint left = warp[token % 8 * 4 + word % 4][token / 8 + word / 4 * 2];
            uint right = warp[output * 4 + word % 4][4 + word / 4];
            c[i] = fma(part_of(left, k % PER_WORD), part_of(right, k % PER_WORD), c[i]);
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
}

static inline uint bf16(float x) {
    uint bits = as_uint(x);
    return isnan(x) ? 0x7fff : (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

static inline uint bf16_pair(float low, float high) {
    return bf16(high) << 16 | bf16(low);
}

static inline uint tf32(float x) {
    return isnan(x) ? 0x7fffe000u : (as_uint(x) + 0x1000) & TF32_BITS;
}

#define MULTIPLY(c, a, b) mma(c, a, b, fragments + (item - lane), lane)

#endif
