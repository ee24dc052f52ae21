// Tiles as AMX has them: sixteen lines of 64 bytes at most.
#ifndef BERT4J_TILES_H
#define BERT4J_TILES_H

#include <immintrin.h>
#include <stdint.h>

// TILE is a whole one, which has STEP k of bf16.
enum { SIDE = 16, LINE = 64, TILE = SIDE * LINE, STEP = 32 };

static inline int up(int count) {
    return (count + STEP - 1) / STEP * STEP;
}

// The first of sixteen lanes.
static inline __mmask16 lanes_of(int count) {
    return (__mmask16) (count >= 16 ? 0xFFFF : count <= 0 ? 0 : (1 << count) - 1);
}

#endif
