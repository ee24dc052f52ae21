// What is done token by token: activations are rows, [tokens][features].
#pragma OPENCL FP_CONTRACT OFF

// (word + type) + position. The ids of all tokens lie one kind after the other: words, types, positions. Where
// words_given is not 0, `word` holds the vector of each token instead of a table.
__kernel void embed(__global const float *word, __global const float *type, __global const float *position,
        __global const int *ids, __global float *y, int tokens, int features, int words_given, int positions_added) {
    size_t i = get_global_id(0);
    if (i >= (size_t) tokens * features) {
        return;
    }
    int token = i / features;
    int f = i % features;
    size_t row = words_given ? token : ids[token];
    float sum = word[row * features + f] + type[(size_t) ids[tokens + token] * features + f];
    y[i] = positions_added ? sum + position[(size_t) ids[2 * tokens + token] * features + f] : sum;
}

__kernel void gather(__global const float *x, __global const int *rows, __global float *y, int count, int features) {
    size_t i = get_global_id(0);
    if (i < (size_t) count * features) {
        y[i] = x[(size_t) rows[i / features] * features + i % features];
    }
}

#define CHAINS 16
// Tokens of a work-group.
#define NORM_TOKENS 4

// The tree of the definition: i and i + 8, then i and i + 4, and so on.
static inline float combine(__local float *chains, int chain, float sum) {
    chains[chain] = sum;
    for (int half_ = CHAINS / 2; half_ > 0; half_ /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (chain < half_) {
            chains[chain] += chains[chain + half_];
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    float all = chains[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    return all;
}

// Sixteen work-items a token, one for each chain of its sums; x and y may be the same.
__kernel __attribute__((reqd_work_group_size(CHAINS, NORM_TOKENS, 1)))
void layer_norm(__global const float *x, __global const float *weight, __global const float *bias, __global float *y,
        int tokens, int features, float eps) {
    __local float chains[NORM_TOKENS][CHAINS];
    int chain = get_local_id(0);
    int token = get_group_id(0) * NORM_TOKENS + get_local_id(1);
    // Those behind the last token go along to the barriers, and write nothing.
    size_t row = (size_t) min(token, tokens - 1) * features;
    float sum = 0;
    for (int f = chain; f < features; f += CHAINS) {
        sum += x[row + f];
    }
    float mean = combine(chains[get_local_id(1)], chain, sum) / features;
    sum = 0;
    for (int f = chain; f < features; f += CHAINS) {
        float d = x[row + f] - mean;
        sum = fma(d, d, sum);
    }
    float variance = combine(chains[get_local_id(1)], chain, sum) / features;
    float inverse = 1 / sqrt(variance + eps);
    if (token < tokens) {
        for (int f = chain; f < features; f += CHAINS) {
            y[row + f] = fma((x[row + f] - mean) * inverse, weight[f], bias[f]);
        }
    }
}

// Copies rows of keys and of values: for each, rows[] says where to and where from.
__kernel void copy_rows(__global const float *from_keys, __global const float *from_values, __global float *keys,
        __global float *values, __global const int *rows, int count, int features) {
    size_t i = get_global_id(0);
    if (i < (size_t) count * features) {
        size_t to = (size_t) rows[2 * (i / features)] * features + i % features;
        size_t from = (size_t) rows[2 * (i / features) + 1] * features + i % features;
        keys[to] = from_keys[from];
        values[to] = from_values[from];
    }
}
