#define _GNU_SOURCE
#include "checks.h"

#if !defined(_WIN32)
#include <sys/mman.h>
#include <unistd.h>
#endif

int passed, failed;

void check(int right, const char *name, const char *what, int rows, int depth, int lanes, int used) {
    passed += right != 0;
    failed += right == 0;
    if (!right && failed < 20) {
        printf("FAILED %s: %s, %d rows of %d, %d of %d lanes\n", name, what, rows, depth, used, lanes);
    }
}

static uint64_t state = 1;

uint32_t next(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t) (state >> 33);
}

float value(void) {
    switch (next() % 40) {
        case 0: return 0;
        case 1: return -0.0f;
        case 2: return 0x1p-140f;
        case 3: return ldexpf(1, (int) (next() % 40) - 20);
        default: return ((int) (next() % 2001) - 1000) * 0.00173f;
    }
}

char *before_the_end(size_t bytes, void **whole, size_t *size) {
#if defined(_WIN32)
    *size = bytes;
    return *whole = malloc(bytes);
#else
    size_t page = (size_t) sysconf(_SC_PAGESIZE);
    size_t pages = (bytes + page - 1) / page * page;
    *size = pages + page;
    *whole = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect((char *) *whole + pages, page, PROT_NONE);
    return (char *) *whole + pages - bytes;
#endif
}

void give_back(void *whole, size_t size) {
#if defined(_WIN32)
    (void) size;
    free(whole);
#else
    munmap(whole, size);
#endif
}

int same(float a, float b) {
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, 4) == 0;
}

float *panel(int depth, int lanes, int used, int special) {
    float *x = malloc(sizeof(float) * depth * lanes);
    for (int i = 0; i < depth * lanes; i++) {
        x[i] = i % lanes < used ? value() : next() % 2 ? NAN : INFINITY;
    }
    if (special == 1) {
        x[(next() % depth) * lanes + next() % used] = next() % 2 ? NAN : -INFINITY;
    }
    if (special == 2) {
        int lane = (int) (next() % used);
        for (int k = 0; k < depth; k++) {
            x[k * lanes + lane] = 0x1p-130f;
        }
    }
    return x;
}

void *aligned(size_t bytes) {
    return aligned_alloc(64, (bytes + 63) / 64 * 64);
}

float widened(uint16_t half) {
    uint32_t bits = (uint32_t) half << 16;
    float wide;
    memcpy(&wide, &bits, 4);
    return wide;
}

uint16_t shortened(float wide) {
    uint32_t bits;
    memcpy(&bits, &wide, 4);
    return (uint16_t) (bits >> 16);
}

float nearest_bf16(float value) {
    uint16_t half;
    bert4j_pack_bf16_portable(&value, 1, 1, &half);
    return widened(half);
}
