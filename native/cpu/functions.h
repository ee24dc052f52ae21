// The constants of the functions, those of ScalarMath.java, ScalarNormal.java and ScalarLogistic.java, which define them;
// and an attention, as the kernels pass it on.
#ifndef BERT4J_FUNCTIONS_H
#define BERT4J_FUNCTIONS_H

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

#define ROUND_64 12582976.0f
#define TWO_TO_MINUS_64 0x1p-64f
#define GELU_MAX 14.6f
#define G0 0.75528514f
#define G0_LOW -8.4951157e-9f
#define G1 -0.60789657f
#define G1_LOW -2.2436216e-8f
#define G2 0.3871369f
#define G3 -0.18652348f
#define G4 0.060403757f
#define G5 -0.007524995f
#define G6 -0.003512045f
#define G7 0.0015695873f
#define G8 0.0001783227f
#define G9 -0.00013246028f

#define TANH_MAX 9.1f

// Of the short GELU: a minimax fit of (normal distribution at c - 1/2) / c in c c, for |c| up to 4.5.
#define SHORT_MAX 4.5f
#define S0 0.39888379f
#define S1 -0.0663370565f
#define S2 0.009833185f
#define S3 -0.00112267851f
#define S4 9.78713797e-05f
#define S5 -6.36525738e-06f
#define S6 2.95889947e-07f
#define S7 -9.19375243e-09f
#define S8 1.69730452e-10f
#define S9 -1.4000681e-12f

// Keys of a block of attention, and chains of a sum over features, are part of the definition of the results.
enum { KEY_BLOCK = 128, CHAINS = 16, ONE_BITS = 127 << 23 };

// Vectors of which an exponential is computed at once.
enum { TOGETHER = 4 };

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
