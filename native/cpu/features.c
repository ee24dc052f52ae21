// What the processor and the system can do.
#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include "bert4j.h"

#if defined(__x86_64__)
#include <cpuid.h>

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>

// Linux gives the tiles of AMX only to who asks for them.
static int tiles_allowed(void) {
    enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
    return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}
#else
static int tiles_allowed(void) {
    return 0;
}
#endif

static uint64_t enabled_registers(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t) high << 32 | low;
}

// Zen 4 carries vectors of 512 bits out in two steps. Some of its successors, of another family, are said to as well, but
// none of them was measured.
static int by_halves(void) {
    enum { ZEN_3_AND_4 = 0x19 };
    uint32_t a, b, c, d;
    if (!__get_cpuid(0, &a, &b, &c, &d) || b != signature_AMD_ebx || c != signature_AMD_ecx || d != signature_AMD_edx
            || !__get_cpuid(1, &a, &b, &c, &d)) {
        return 0;
    }
    const uint32_t family = a >> 8 & 0xF;
    return (family == 0xF ? family + (a >> 20 & 0xFF) : family) == ZEN_3_AND_4;
}

int bert4j_features(void) {
    enum { YMM = 0x6, ZMM = 0xE6, TILES = 0x60000 };
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 27) || !(c & 1u << 28)) {
        return 0;
    }
    int fma_and_f16c = c >> 12 & c >> 29 & 1;
    uint64_t registers = enabled_registers();
    uint32_t b7, c7, d7;
    if ((registers & YMM) != YMM || !__get_cpuid_count(7, 0, &a, &b7, &c7, &d7)) {
        return 0;
    }
    uint32_t a71 = 0;
    if (a >= 1) {
        __get_cpuid_count(7, 1, &a71, &b, &c, &d);
    }
    int features = 0;
    if (fma_and_f16c && b7 >> 5 & 1) {
        features |= BERT4J_AVX2 | (a71 >> 4 & 1 ? BERT4J_AVX_VNNI : 0);
    }
    // Foundation, byte and word, vector length.
    if ((features & BERT4J_AVX2) && (registers & ZMM) == ZMM && b7 >> 16 & 1 && b7 >> 30 & 1 && b7 >> 31 & 1) {
        features |= BERT4J_AVX512 | (by_halves() ? BERT4J_AVX512_HALVES : 0) | (c7 >> 11 & 1 ? BERT4J_AVX512_VNNI : 0)
                | (a71 >> 5 & 1 ? BERT4J_AVX512_BF16 : 0);
        if ((registers & TILES) == TILES && d7 >> 24 & 1 && (features & BERT4J_AVX512_VNNI) && tiles_allowed()) {
            features |= (d7 >> 25 & 1 ? BERT4J_AMX_INT8 : 0)
                    | (d7 >> 22 & 1 && (features & BERT4J_AVX512_BF16) ? BERT4J_AMX_BF16 : 0);
        }
    }
    return features;
}
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>

int bert4j_features(void) {
    unsigned long one = getauxval(AT_HWCAP);
    unsigned long two = getauxval(AT_HWCAP2);
    return BERT4J_NEON | (one >> 20 & 1 ? BERT4J_DOTPROD : 0) | (two >> 13 & 1 ? BERT4J_I8MM : 0)
            | (two >> 14 & 1 ? BERT4J_BF16 : 0);
}
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>

static int has(const char *name) {
    int value = 0;
    size_t size = sizeof value;
    return sysctlbyname(name, &value, &size, 0, 0) == 0 && value;
}

int bert4j_features(void) {
    return BERT4J_NEON | (has("hw.optional.arm.FEAT_DotProd") ? BERT4J_DOTPROD : 0)
            | (has("hw.optional.arm.FEAT_I8MM") ? BERT4J_I8MM : 0) | (has("hw.optional.arm.FEAT_BF16") ? BERT4J_BF16 : 0);
}
#else
int bert4j_features(void) {
    return 0;
}
#endif

int bert4j_abi(void) {
    return BERT4J_ABI;
}
