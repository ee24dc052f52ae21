// The functions of the definition, operation for operation as in the scalar Java code, whose constants the host defines
// before this text. No contraction: what is fused is written as fma.
#pragma OPENCL FP_CONTRACT OFF

static inline float expm1_reduced(float r) {
    float p = fma(E5, r, E4);
    p = fma(p, r, E3);
    p = fma(p, r, E2);
    p = fma(p, r, E1);
    p = fma(p, r, E0);
    return fma(r * r, p, r);
}

static inline float reduce(float high, float low, float n) {
    return fma(n, -LN2_HIGH, high) + fma(n, -LN2_LOW, low);
}

static inline float reduce_exact(float x, float n) {
    return fma(n, -LN2_LOW, fma(n, -LN2_HIGH, x));
}

static inline float power_of_two(float shifted) {
    return as_float((as_uint(shifted) << 23) + (uint) ONE_BITS);
}

// e to the x for x <= 0; 0 below the smallest normal float.
static inline float exp_negative(float x) {
    float shifted = fma(x, LOG2_E, ROUND);
    float r = reduce_exact(x, shifted - ROUND);
    float e = (1 + expm1_reduced(r)) * power_of_two(shifted);
    return x < EXP_MIN ? 0 : e;
}

// (n + n_low) / (d + d_low)
static inline float quotient(float n, float n_low, float d, float d_low) {
    float inverse = 1 / d;
    float t = n * inverse;
    float rest = fma(-t, d, n) + fma(-t, d_low, n_low);
    return fma(rest, inverse, t);
}

// a times the logistic function of high + low <= 0
static inline float lower_tail(float a, float high, float low) {
    float shifted = fma(high, LOG2_E, ROUND_64);
    float q = expm1_reduced(reduce(high, low, shifted - ROUND_64));
    float power = power_of_two(shifted);
    float scale = power * TWO_TO_MINUS_64;
    float e = fma(scale, q, scale);
    float d = 1 + e;
    float scaled = a * power;
    float n = fma(scaled, q, scaled);
    return quotient(n, fma(scaled, q, scaled - n), d, e - (d - 1)) * TWO_TO_MINUS_64;
}

static inline float upper(float x) {
    return x < 0 ? x * 0 : x;
}

static inline float gate(float x, float factor, float factor_low, float max_magnitude) {
    float magnitude = fabs(x);
    float a = magnitude > max_magnitude ? max_magnitude : magnitude;
    float z = a * -factor;
    float z_low = fma(a, -factor_low, fma(a, -factor, -z));
    return upper(x) - lower_tail(a, z, z_low);
}

// The polynomial of the normal distribution from its highest coefficient down to that of t squared.
static inline float upper_terms(float t) {
    float p = fma(G9, t, G8);
    p = fma(p, t, G7);
    p = fma(p, t, G6);
    p = fma(p, t, G5);
    p = fma(p, t, G4);
    p = fma(p, t, G3);
    return fma(p, t, G2);
}

static inline float f_linear(float x) {
    return x;
}

// The normal distribution at -a for 0 <= a < PIECES_END.
static inline float near_tail(float a) {
    __constant float *piece = NORMAL_PIECES + (as_uint(fma(fma(a, PIECES_NARROW, 1.0f), a, ROUND)) & (PIECES - 1));
    float d = a - piece[0];
    float p = fma(piece[7 * PIECES], d, piece[6 * PIECES]);
    p = fma(p, d, piece[5 * PIECES]);
    p = fma(p, d, piece[4 * PIECES]);
    p = fma(p, d, piece[3 * PIECES]);
    p = fma(p, d, piece[2 * PIECES]);
    return fma(p, d, piece[PIECES]);
}

// For any x, by e^(-x x / 2).
static inline float far_gelu(float x) {
    float magnitude = fabs(x);
    float a = magnitude > GELU_MAX ? GELU_MAX : magnitude;
    float square = a * a;
    float half_square = square * -0.5f;
    float shifted = fma(half_square, LOG2_E, ROUND_64);
    float r = reduce(half_square, fma(a, a, -square) * -0.5f, shifted - ROUND_64);
    float q = expm1_reduced(r);
    float d = a + 4;
    float d_low = a - (d - 4);
    float inverse = 1 / d;
    float w = a * inverse;
    float w_low = fma(-w, d_low, fma(-w, d, a)) * inverse;
    float t = fma(w, 2.0f, -1.0f);
    float t_low = fma(w_low, 2.0f, fma(w, 2.0f, -1 - t));
    float p = fma(upper_terms(t), t, G1);
    float g = fma(p, t, G0);
    float g_low = fma(p, t_low, fma(p, t, G0 - g) + fma(t, G1_LOW, G0_LOW));
    float f = w * g;
    float f_low = fma(w_low, g, fma(w, g_low, fma(w, g, -f)));
    float e = fma(f, q, fma(f_low, q, f_low)) + f;
    float tail = e * power_of_two(shifted) * TWO_TO_MINUS_64;
    return upper(x) - tail;
}

static inline float f_gelu(float x) {
    float a = fabs(x);
    return a < PIECES_END ? fma(-a, near_tail(a), upper(x)) : far_gelu(x);
}

static inline float f_gelu_10(float x) {
    float y = f_gelu(x);
    return y > CLIP ? CLIP : y;
}

static inline float f_tanh_gelu(float x) {
    float magnitude = fabs(x);
    float a = magnitude > TANH_GELU_MAX ? TANH_GELU_MAX : magnitude;
    float square = a * a;
    float square_low = fma(a, a, -square);
    float v = fma(square, C1, C0);
    float back = v - C0;
    float v_low = fma(square, C1, -back) + (C0 - (v - back));
    v_low = fma(square_low, C1, v_low) + fma(square, C1_LOW, C0_LOW);
    float z = a * v;
    float z_low = fma(a, v_low, fma(a, v, -z));
    return upper(x) - lower_tail(a, z, z_low);
}

static inline float f_quick_gelu(float x) {
    return gate(x, QUICK, QUICK_LOW, QUICK_MAX);
}

static inline float f_relu(float x) {
    return x < 0 ? 0 : x;
}

static inline float f_relu2(float x) {
    return f_relu(x) * f_relu(x);
}

static inline float f_relu6(float x) {
    return f_relu(x) > 6 ? 6 : f_relu(x);
}

static inline float f_silu(float x) {
    return gate(x, 1, 0, LOGISTIC_MAX);
}

static inline float f_mish(float x) {
    float magnitude = fabs(x);
    float a = magnitude > LOGISTIC_MAX ? LOGISTIC_MAX : magnitude;
    float high = -a;
    float shifted = fma(high, LOG2_E, ROUND_64);
    float q = expm1_reduced(reduce(high, 0, shifted - ROUND_64));
    float power = power_of_two(shifted);
    float e = fma(power, q, power) * TWO_TO_MINUS_64;
    float twice = e + e;
    float g = x < 0 ? e + 2 : twice;
    float g_low = x < 0 ? e - (g - 2) : 0;
    float c = x < 0 ? 2 : 1 + twice;
    float d = fma(e, g, c);
    float d_low = fma(e, g, c - d);
    float scaled = a * power;
    float f = fma(scaled, q, scaled);
    float f_low = fma(scaled, q, scaled - f);
    float n = f * g;
    float n_low = fma(f, g_low, fma(f_low, g, fma(f, g, -n)));
    return upper(x) - quotient(n, n_low, d, d_low) * TWO_TO_MINUS_64;
}

static inline float f_tanh(float x) {
    float a = fabs(x);
    float capped = a > TANH_MAX ? TANH_MAX : a;
    float y = capped + capped;
    float shifted = fma(y, LOG2_E, ROUND);
    float q = expm1_reduced(reduce_exact(y, shifted - ROUND));
    float power = power_of_two(shifted);
    float m = power - 1;
    float n = fma(power, q, m);
    float n_low = fma(power, q, m - n);
    float d = n + 2;
    return copysign(quotient(n, n_low, d, (n - (d - 2)) + n_low), x);
}

static inline float f_sigmoid(float x) {
    float magnitude = fabs(x);
    float a = magnitude > LOGISTIC_MAX ? LOGISTIC_MAX : magnitude;
    float tail = lower_tail(1, -a, 0);
    return x < 0 ? tail : 1 - tail;
}

static inline float f_laplace(float x) {
    float below = x > LAPLACE_MAX ? LAPLACE_MAX : x;
    float capped = below < LAPLACE_MIN ? LAPLACE_MIN : below;
    float distance_ = capped - MEAN;
    float back = distance_ - capped;
    float distance_low = ((capped - (distance_ - back)) - (MEAN + back)) - MEAN_LOW;
    float z = distance_ * INVERSE_DEVIATION;
    float z_low = fma(distance_low, INVERSE_DEVIATION,
            fma(distance_, INVERSE_DEVIATION_LOW, fma(distance_, INVERSE_DEVIATION, -z)));
    float a = fabs(z);
    float a_low = z < 0 ? -z_low : z_low;
    float square = a * a;
    float square_low = fma(a + a, a_low, fma(a, a, -square));
    float half_square = square * -0.5f;
    float shifted = fma(half_square, LOG2_E, ROUND_64);
    float q = expm1_reduced(reduce(half_square, square_low * -0.5f, shifted - ROUND_64));
    float d = a + 4;
    float d_low = (a - (d - 4)) + a_low;
    float inverse = 1 / d;
    float inverse_low = fma(-inverse, d_low, fma(-inverse, d, 1.0f)) * inverse;
    float t = fma(inverse, -8.0f, 1.0f);
    float t_low = fma(inverse_low, -8.0f, fma(inverse, -8.0f, 1 - t));
    float p2 = upper_terms(t);
    float p1 = fma(p2, t, G1);
    float p1_low = fma(p2, t_low, fma(p2, t, G1 - p1) + G1_LOW);
    float g = fma(p1, t, G0);
    float g_low = fma(p1, t_low, fma(p1_low, t, fma(p1, t, G0 - g) + G0_LOW));
    float f = inverse * g;
    float f_low = fma(inverse_low, g, fma(inverse, g_low, fma(inverse, g, -f)));
    float e = fma(f, q, fma(f_low, q, f_low)) + f;
    float tail = e * power_of_two(shifted) * TWO_TO_MINUS_64;
    return z < 0 ? tail : 1 - tail;
}
