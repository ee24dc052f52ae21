// The tiles of AMX: sixteen lines of 64 bytes at most.
#ifndef BERT4J_TILES_H
#define BERT4J_TILES_H

#include <immintrin.h>
#include <stdint.h>

// TILE is a whole one, which has STEP k of bf16.
enum { SIDE = 16, LINE = 64, TILES = 8, TILE = SIDE * LINE, STEP = 32 };

// The first of sixteen lanes.
static inline __mmask16 lanes_of(int count) {
    return (__mmask16) (count >= 16 ? 0xFFFF : count <= 0 ? 0 : (1 << count) - 1);
}

struct tile_configuration {
    uint8_t palette;
    uint8_t start_row;
    uint8_t reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
};

static inline void load_configuration(const struct tile_configuration *shapes) {
    // GCC's own header tells it of the first eight bytes only.
    __asm__ volatile("" : : "r"(shapes) : "memory");
    _tile_loadconfig(shapes);
}

#endif
