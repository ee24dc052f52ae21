// softmax(scale * q * transposed(k) + mask) * v for one head of some queries of a text: a work-item a query.
//
// Keys are taken in blocks of 128 with a running maximum and sum, as the definition has it; keys and values of a block
// come through local memory, TILE_KEYS at a time, and are shared by the queries of the work-group.
#pragma OPENCL FP_CONTRACT OFF

#define KEY_BLOCK 128
#define LOWEST (-FLT_MAX)

// Of a text: where its queries begin and how many there are, the same of its keys, where its mask begins (none if
// negative), whether the mask differs between queries, whether it is causal, and where its probabilities begin.
typedef struct {
    int start, length, key_start, keys, mask, per_query, causal, probabilities;
} text_t;

// Queries of a work-group: the text, the first of them, and how many keys they see at most.
typedef struct {
    int text, first, visible, reserved;
} tile_t;

static inline void load_rows(__global const float *matrix, size_t first, int rows, int features, int column,
        __local float *tile) {
    for (int i = get_local_id(0); i < rows * HEAD_SIZE; i += QUERIES) {
        tile[i] = matrix[(first + i / HEAD_SIZE) * features + column + i % HEAD_SIZE];
    }
}

__kernel __attribute__((reqd_work_group_size(QUERIES, 1, 1)))
void attention(__global const float *q, __global const float *k, __global const float *v, __global float *y,
        __global const text_t *texts, __global const tile_t *tiles, __global const int *visible_keys,
        __global const float *masks, __global const float *head_factors, __global float *probabilities,
        __global const float *relative, int positions, int heads, float scale, int with_factors,
        int with_probabilities) {
    __local float scores[KEY_BLOCK][QUERIES];
    __local float rows[TILE_KEYS * HEAD_SIZE];
    tile_t tile = tiles[get_group_id(0)];
    text_t text = texts[tile.text];
    int item = get_local_id(0);
    int head = get_group_id(1);
    int features = heads * HEAD_SIZE;
    int column = head * HEAD_SIZE;
    // Those behind the last query go along to the barriers, and write nothing.
    bool mine = tile.first + item < text.length;
    int query = min(tile.first + item, text.length - 1);
    int visible = visible_keys[text.start + query];
    int last_seen = text.causal ? query + text.keys - text.length : text.keys;
    size_t probability = text.probabilities + ((size_t) head * text.length + query) * text.keys;
    __global const float *q_row = q + (size_t) (text.start + query) * features + column;
    float qs[HEAD_SIZE];
    float context[HEAD_SIZE];
    for (int d = 0; d < HEAD_SIZE; d++) {
        qs[d] = q_row[d];
        context[d] = 0;
    }
    float maximum = LOWEST;
    float sum = 0;
    for (int from = 0; from < tile.visible; from += KEY_BLOCK) {
        int count = min(KEY_BLOCK, tile.visible - from);
        int seen = clamp(visible - from, 0, count);
        for (int first = 0; first < count; first += TILE_KEYS) {
            int here = min(TILE_KEYS, count - first);
            load_rows(k, (size_t) text.key_start + from + first, here, features, column, rows);
            barrier(CLK_LOCAL_MEM_FENCE);
            for (int j = 0; j < here; j++) {
                int key = from + first + j;
                float dot_ = 0;
                for (int d = 0; d < HEAD_SIZE; d++) {
                    dot_ = fma(rows[j * HEAD_SIZE + d], qs[d], dot_);
                }
#if RELATIVE
                int at_query = text.keys == text.length ? query : text.keys - 1;
                __global const float *row = relative + (size_t) (at_query - key + positions - 1) * HEAD_SIZE;
                float with_query = 0;
                for (int d = 0; d < HEAD_SIZE; d++) {
                    with_query = fma(row[d], qs[d], with_query);
                }
                dot_ += with_query;
#if RELATIVE > 1
                float with_key = 0;
                for (int d = 0; d < HEAD_SIZE; d++) {
                    with_key = fma(row[d], rows[j * HEAD_SIZE + d], with_key);
                }
                dot_ += with_key;
#endif
#endif
                float masked = text.mask < 0 ? 0
                        : masks[text.mask + (text.per_query ? (size_t) query * text.keys : 0) + key];
                scores[first + j][item] = key > last_seen ? LOWEST : fma(dot_, scale, masked);
            }
            barrier(CLK_LOCAL_MEM_FENCE);
        }
        if (seen > 0) {
            float before = maximum;
            for (int j = 0; j < seen; j++) {
                float score = scores[j][item];
                maximum = score > maximum ? score : maximum;
                if (with_probabilities && mine) {
                    probabilities[probability + from + j] = score;
                }
            }
            float factor = exp_negative(before - maximum);
            float block_sum = 0;
            for (int j = 0; j < seen; j++) {
                float p = exp_negative(scores[j][item] - maximum);
                scores[j][item] = p;
                block_sum += p;
            }
            sum = fma(sum, factor, block_sum);
            if (from > 0) {
                for (int d = 0; d < HEAD_SIZE; d++) {
                    context[d] *= factor;
                }
            }
        }
        for (int first = 0; first < count; first += TILE_KEYS) {
            int here = min(TILE_KEYS, count - first);
            load_rows(v, (size_t) text.key_start + from + first, here, features, column, rows);
            barrier(CLK_LOCAL_MEM_FENCE);
            for (int j = 0; j < min(here, seen - first); j++) {
                float p = scores[first + j][item];
                for (int d = 0; d < HEAD_SIZE; d++) {
                    context[d] = fma(rows[j * HEAD_SIZE + d], p, context[d]);
                }
            }
            barrier(CLK_LOCAL_MEM_FENCE);
        }
    }
    if (mine) {
        float inverse = 1 / sum * (with_factors ? head_factors[head] : 1.0f);
        __global float *y_row = y + (size_t) (text.start + query) * features + column;
        for (int d = 0; d < HEAD_SIZE; d++) {
            y_row[d] = context[d] * inverse;
        }
        if (with_probabilities) {
            for (int key = 0; key < visible; key++) {
                probabilities[probability + key] = exp_negative(probabilities[probability + key] - maximum) * inverse;
            }
        }
    }
}
