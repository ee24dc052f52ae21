// Attention in bf16 by AMX.
#include "functions.h"
#include "tile_configuration.h"

// Whole tiles, whatever is wanted of them.
static inline __attribute__((always_inline)) void multiply(const char *w, int64_t apart, const char *x, int rows,
        int depth, float *y, int adds, const int vectors) {
    (void) rows;
    const int64_t stride = 4 * 16 * vectors;
    float *below = y + SIDE * 16 * vectors;
    if (adds) {
        _tile_loadd(0, y, stride);
        _tile_loadd(2, below, stride);
    } else {
        _tile_zero(0);
        _tile_zero(2);
    }
    if (vectors > 1) {
        if (adds) {
            _tile_loadd(1, y + SIDE, stride);
            _tile_loadd(3, below + SIDE, stride);
        } else {
            _tile_zero(1);
            _tile_zero(3);
        }
    }
    for (int k = 0; k < depth; k += STEP, w += TILE, x += vectors * TILE) {
        _tile_loadd(6, x, LINE);
        _tile_loadd(4, w, LINE);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(5, w + apart, LINE);
        _tile_dpbf16ps(2, 5, 6);
        if (vectors > 1) {
            _tile_loadd(7, x + TILE, LINE);
            _tile_dpbf16ps(1, 4, 7);
            _tile_dpbf16ps(3, 5, 7);
        }
    }
    _tile_stored(0, y, stride);
    _tile_stored(2, below, stride);
    if (vectors > 1) {
        _tile_stored(1, y + SIDE, stride);
        _tile_stored(3, below + SIDE, stride);
    }
}

#include "attention_bf16.h"

void bert4j_pack_attention_bf16_amx_bf16(const float *k, const float *v, int64_t panel, int kv_lanes, int first,
        int keys, int size, void *to) {
    pack(k, v, panel, kv_lanes, first, keys, size, to);
}

void bert4j_attention_bf16_amx_bf16(const float *q, int lanes, int used, const void *packed, int keys, int size,
        float scale, const float *mask, float factor, float *context) {
    struct tile_configuration whole = {.palette = 1};
    for (int tile = 0; tile < TILES; tile++) {
        whole.rows[tile] = SIDE;
        whole.bytes[tile] = LINE;
    }
    load_configuration(&whole);
    attention(q, lanes, used, packed, keys, size, scale, mask, factor, context);
    _tile_release();
}
