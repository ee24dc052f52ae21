// An attention, as the kernels pass it on, and the constants of its exponential function: those of ScalarMath.java, which
// defines it.
#ifndef BERT4J_SOFTMAX_H
#define BERT4J_SOFTMAX_H

#include "bert4j.h"

#include <float.h>
#include <string.h>

#define LOG2_E 1.44269504f
#define LN2_HIGH 0.693359375f
#define LN2_LOW -2.12194440e-4f
#define ROUND 12582912.0f
#define E0 0.500000004924f
#define E1 0.166666668262f
#define E2 0.0416663421282f
#define E3 0.00833327062495f
#define E4 0.00139420460468f
#define E5 0.000199156225734f
#define EXP_MIN -87.33654f

// Keys of a block. Part of the definition of the result.
enum { KEY_BLOCK = 128, ONE_BITS = 127 << 23 };

// What bert4j.h says of the arguments of bert4j_attention_f32.
struct attention {
    const float *q;
    int lanes;
    const float *k;
    const float *v;
    int64_t panel;
    int kv_lanes;
    int first;
    int keys;
    int size;
    float scale;
    const float *mask;
    float factor;
    float *context;
};

#endif
