// The constants of the functions, those of ScalarMath.java, NormalPieces.java, ScalarNormal.java and ScalarLogistic.java,
// which define them; and an attention, as the kernels pass it on.
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

#define PIECES_END 5.0f
#define PIECES_NARROW 0.40625f

// A row for the centres, and one for each coefficient from the constant up; a column for each piece.
enum { PIECES = 16 };
_Alignas(64) static const float NORMAL_PIECES[8][PIECES] = {
    {
        0.21672821f, 0.7482147f, 1.2990837f, 1.7512665f, 2.131195f, 2.479477f, 2.8068657f, 3.0900726f, 3.3740883f,
        3.632515f, 3.8837852f, 4.115299f, 4.3451614f, 4.554863f, 4.7681236f, 4.93227f
    },
    {
        0.41421008f, 0.22716533f, 0.0969576f, 0.03995001f, 0.016536538f, 0.006578762f, 0.0025013047f, 0.0010005378f,
        3.7030305e-4f, 1.4033615e-4f, 5.1421375e-5f, 1.9333873e-5f, 6.9586636e-6f, 2.6209868e-6f, 9.2974835e-7f,
        4.063972e-7f
    },
    {
        -0.38968205f, -0.30154046f, -0.17157279f, -0.08608624f, -0.041174557f, -0.018447222f, -0.0077645555f,
        -0.0033687518f, -0.0013452513f, -5.4402195e-4f, -2.1159586e-4f, -8.382474e-5f, -3.1701315e-5f, -1.2468229e-5f,
        -4.613887e-6f, -2.0811656e-6f
    },
    {
        0.042227548f, 0.11280839f, 0.11144365f, 0.075379975f, 0.043875515f, 0.022869738f, 0.010897033f, 0.0052048448f,
        0.0022694983f, 9.880838e-4f, 4.108964e-4f, 1.7248189e-4f, 6.8873655e-5f, 2.8395514e-5f, 1.0999786e-5f,
        5.1324346e-6f
    },
    {
        0.06189458f, 0.022124445f, -0.019660389f, -0.029655468f, -0.024306856f, -0.015827281f, -0.008901484f,
        -0.0047996733f, -0.0023282855f, -0.0011057334f, -4.966733e-4f, -2.2263094e-4f, -9.447036e-5f, -4.1033705e-5f,
        -1.671337e-5f, -8.091284e-6f
    },
    {
        -0.010391075f, -0.022935467f, -0.012186568f, 4.2017733e-4f, 0.005637203f, 0.005998484f, 0.0044300943f,
        0.0028402535f, 0.0015857237f, 8.39496e-4f, 4.1376802e-4f, 2.0031538e-4f, 9.114497e-5f, 4.1999505e-5f,
        1.8090986e-5f, 9.122131e-6f
    },
    {
        -0.008754952f, 5.823235e-5f, 0.0060352497f, 0.004287183f, 0.0012549608f, -5.885953e-4f, -0.0011452854f,
        -0.0010336285f, -7.210549e-4f, -4.4480257e-4f, -2.4761903e-4f, -1.3196174e-4f, -6.533505e-5f, -3.2258708e-5f,
        -1.4828128e-5f, -7.8040985e-6f
    },
    {
        0.0016817284f, 0.0029879722f, 2.9455445e-4f, -0.0012967668f, -0.0011739933f, -5.3538877e-4f, -5.4222804e-5f,
        1.5727115e-4f, 1.9314121e-4f, 1.5585807e-4f, 1.0471166e-4f, 6.298664e-5f, 3.50906e-5f, 1.8456707e-5f,
        9.277683e-6f, 5.120538e-6f
    }
};

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
