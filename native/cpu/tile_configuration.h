// How many lines and bytes the tile registers have.
#ifndef BERT4J_TILE_CONFIGURATION_H
#define BERT4J_TILE_CONFIGURATION_H

#include "tiles.h"

enum { TILES = 8 };

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
