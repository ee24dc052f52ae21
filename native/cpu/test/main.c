// Every kernel that this processor runs, against what bert4j.h defines, at odd sizes. Arrays are as long as they must
// be, and weights end where the memory does.
#include "checks.h"

struct kernel {
    const char *name;
    int needs;
    bert4j_gemm_f32 *f32;
    bert4j_gemm_stored_f32 *stored;
    bert4j_attention_f32 *attention;
    struct pointwise pointwise;
    bert4j_widen *widen;
    bert4j_rows_s8 *rows_s8;
    bert4j_pack_s8 *pack_s8;
    bert4j_gemm_s8 *s8;
    bert4j_pack_bf16 *pack_bf16;
    bert4j_gemm_bf16 *bf16;
    bert4j_split_bf16x3 *split;
    bert4j_pack_bf16x3 *pack_bf16x3;
    bert4j_gemm_bf16x3 *bf16x3;
    bert4j_pack_attention_bf16 *pack_attention_bf16;
    bert4j_attention_bf16 *attention_bf16;
};

// Compiled with their instructions emulated, these need no more than AVX-512.
#if defined(EMULATED)
#define RARE(needs) BERT4J_AVX512_VNNI
#else
#define RARE(needs) needs
#endif

#define F32(kind, need)                                                                                                \
    {.name = "f32_" #kind, .needs = need, .f32 = bert4j_gemm_f32_##kind,                                               \
        .attention = bert4j_attention_f32_##kind, .pointwise = POINTWISE(kind),                            \
        .widen = bert4j_widen_##kind}
#define S8(kind, need)                                                                                                 \
    {.name = "s8_" #kind, .needs = need, .rows_s8 = bert4j_rows_s8_portable, .pack_s8 = bert4j_pack_s8_##kind,         \
        .s8 = bert4j_gemm_s8_##kind}
#define BF16(kind, need)                                                                                               \
    {.name = "bf16_" #kind, .needs = need, .pack_bf16 = bert4j_pack_bf16_##kind, .bf16 = bert4j_gemm_bf16_##kind}
#define BF16X3(kind, need)                                                                                             \
    {.name = "bf16x3_" #kind, .needs = need, .split = bert4j_split_bf16x3_##kind,                                      \
        .pack_bf16x3 = bert4j_pack_bf16x3_##kind, .bf16x3 = bert4j_gemm_bf16x3_##kind}

#define ATTENTION_BF16(kind, need)                                                                                     \
    {.name = "attention_bf16_" #kind, .needs = need, .pack_attention_bf16 = bert4j_pack_attention_bf16_##kind,         \
        .attention_bf16 = bert4j_attention_bf16_##kind}

static const struct kernel kernels[] = {
    F32(portable, 0), S8(portable, 0), BF16(portable, 0), BF16X3(portable, 0), ATTENTION_BF16(portable, 0),
#if defined(__x86_64__)
    F32(avx2, BERT4J_AVX2), {.name = "stored_avx2", .needs = BERT4J_AVX2, .stored = bert4j_gemm_stored_f32_avx2},
    {.name = "stored_avx512", .needs = BERT4J_AVX512, .stored = bert4j_gemm_stored_f32_avx512},
    F32(avx512, BERT4J_AVX512),
    {.name = "f32_avx512_halves", .needs = BERT4J_AVX512, .f32 = bert4j_gemm_f32_avx512_halves},
    {.name = "s8_avx2", .needs = BERT4J_AVX2, .rows_s8 = bert4j_rows_s8_avx2, .pack_s8 = bert4j_pack_s8_avx2,
        .s8 = bert4j_gemm_s8_avx2},
    S8(avx_vnni, RARE(BERT4J_AVX_VNNI)),
    S8(avx512_vnni, BERT4J_AVX512_VNNI), S8(amx_int8, RARE(BERT4J_AMX_INT8)), BF16(avx512_bf16, BERT4J_AVX512_BF16),
    BF16(amx_bf16, RARE(BERT4J_AMX_BF16)), BF16X3(amx_bf16, RARE(BERT4J_AMX_BF16) | BERT4J_AVX512_BF16),
    ATTENTION_BF16(avx512_bf16, BERT4J_AVX512_BF16),
    ATTENTION_BF16(amx_bf16, RARE(BERT4J_AMX_BF16) | BERT4J_AVX512_BF16),
#elif defined(__aarch64__)
    F32(neon, BERT4J_NEON), S8(dotprod, BERT4J_DOTPROD), S8(i8mm, BERT4J_I8MM), BF16(bf16, BERT4J_BF16),
#endif
};

static void test(const struct kernel *kernel, int rows, int depth, int lanes, int used, int special) {
    if (kernel->f32) {
        test_f32(kernel->name, kernel->f32, rows, depth, lanes, used, special);
    } else if (kernel->stored) {
        for (int stored = 0; stored < 3; stored++) {
            test_stored(kernel->name, kernel->stored, stored, rows, depth, lanes, used, special);
        }
    } else if (kernel->s8) {
        test_s8(kernel->name, kernel->rows_s8, kernel->pack_s8, kernel->s8, rows, depth, lanes, used, special);
    } else if (kernel->bf16x3) {
        test_bf16x3(kernel->name, kernel->split, kernel->pack_bf16x3, kernel->bf16x3, rows, depth, lanes, used,
                special);
    } else if (kernel->bf16) {
        test_bf16(kernel->name, kernel->pack_bf16, kernel->bf16, rows, depth, lanes, used, special);
    }
}

int main(void) {
    static const int depths[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 63, 64, 65, 100, 127, 129, 256, 300, 768};
    static const int rows[] = {1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 16, 17, 24, 25, 36, 64, 83, 100};
    static const int lanes[] = {8, 16, 24, 32};
    if (bert4j_abi() != BERT4J_ABI) {
        printf("The library is of another version than its header.\n");
        return 1;
    }
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
        if ((bert4j_features() & kernels[i].needs) != kernels[i].needs) {
            printf("not run: %s, which this processor has not\n", kernels[i].name);
            continue;
        }
        int before = passed;
        for (size_t d = 0; d < sizeof depths / sizeof *depths; d++) {
            for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
                int width = lanes[next() % 4];
                test(&kernels[i], rows[r], depths[d], width, 1 + (int) (next() % width), (int) (next() % 3));
            }
        }
        // Tiles of rows that would lie a multiple of four kilobytes apart.
        for (int depth = 128; depth <= 512; depth *= 2) {
            test(&kernels[i], 128, depth, 8, 8, 0);
            test(&kernels[i], 256, depth, 16, 16, 0);
        }
        for (int used = 1; used <= 32; used++) {
            for (int width = 0; width < 4; width++) {
                if (used <= lanes[width]) {
                    test(&kernels[i], 13, 37, lanes[width], used, 0);
                    test(&kernels[i], 37, 29, lanes[width], used, 0);
                }
            }
        }
        for (int special = 0; special < 5; special++) {
            test(&kernels[i], 30, 768, 32, 32, special);
            test(&kernels[i], 131, 96, 16, 16, special);
            test(&kernels[i], 25, 3072, 8, 5, special);
            test(&kernels[i], 2, 65536, 16, 3, special);
        }
        for (int stored = 0; kernels[i].widen && stored < 3; stored++) {
            test_widen(kernels[i].name, kernels[i].widen, stored, 257, 256);
            for (int depth = 1; depth < 40; depth++) {
                test_widen(kernels[i].name, kernels[i].widen, stored, 3, depth);
            }
        }
        for (int round = 0; round < 300; round++) {
            static const int sizes[] = {1, 3, 8, 12, 20, 32, 47, 64, 80, 128};
            const int width = lanes[next() % 4];
            const int used = 8 * (1 + (int) (next() % (width / 8)));
            const int keys = next() % 2 ? 1 + (int) (next() % 40) : 120 + (int) (next() % 200);
            if (kernels[i].attention) {
                test_pointwise(kernels[i].name, &kernels[i].pointwise, 1 + (int) (next() % 100), width, used, round % 3);
                test_attention(kernels[i].name, kernels[i].attention, sizes[next() % 10], keys, width, used, round % 5);
            }
            if (kernels[i].attention_bf16) {
                test_attention_bf16(kernels[i].name, kernels[i].pack_attention_bf16, kernels[i].attention_bf16,
                        sizes[next() % 10], keys, width, 1 + (int) (next() % width), round % 5);
            }
        }
        printf("%s: %d checks\n", kernels[i].name, passed - before);
    }
    test_cut_off_file();
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
