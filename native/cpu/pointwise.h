// What surrounds the products, on rows of a panel: bias, residual, GELU, tanh, layer normalisation; and what rounding to
// bytes leaves. Included by vectors.h, which says for what vectors. Each operation is that of the definition in Java,
// ScalarNormal, ScalarLogistic and ReferenceSession, in its order, or of bert4j.h.

// Rows of the lanes [0, used), each with its bias; then the residual, if there is one.
static void NAME(add)(float *y, int lanes, int rows, int used, const float *bias, const float *residual) {
    for (int row = 0; row < rows; row++) {
        const VECTOR b = SET1(bias ? bias[row] : 0);
        for (int lane = 0; lane < used; lane += LANES) {
            float *at = y + (int64_t) row * lanes + lane;
            VECTOR sum = LOAD(at) + b;
            if (residual) {
                sum = sum + LOAD(residual + (int64_t) row * lanes + lane);
            }
            STORE(at, sum);
        }
    }
}

// max(x, 0), but -0 below 0, and no number where x is minus infinity.
static inline __attribute__((always_inline)) VECTOR NAME(upper)(VECTOR x) {
    return WHERE_BELOW(x, 0, x * SET1(0), x);
}

// The normal distribution at -a for 0 <= a < PIECES_END.
static inline __attribute__((always_inline)) VECTOR NAME(near_tail)(VECTOR a) {
    const PLACES piece = FIND(FMA(FMA(a, SET1(PIECES_NARROW), SET1(1)), a, SET1(ROUND)));
    const VECTOR d = a - PICK(NORMAL_PIECES[0], piece);
    VECTOR p = FMA(PICK(NORMAL_PIECES[7], piece), d, PICK(NORMAL_PIECES[6], piece));
    p = FMA(p, d, PICK(NORMAL_PIECES[5], piece));
    p = FMA(p, d, PICK(NORMAL_PIECES[4], piece));
    p = FMA(p, d, PICK(NORMAL_PIECES[3], piece));
    p = FMA(p, d, PICK(NORMAL_PIECES[2], piece));
    return FMA(p, d, PICK(NORMAL_PIECES[1], piece));
}

// x times the normal distribution at x, for any x: max(x, 0) less a tail that is e^(-a a / 2) times a smooth function of
// a = |x|, in two floats up to the last addition. Not inlined, for it is seldom needed; by way of memory, for not every
// compiler that there is for Windows passes vectors.
static __attribute__((noinline)) void NAME(far_gelu)(float *at) {
    VECTOR x = LOAD(at);
    VECTOR a = SMALLER(SET1(GELU_MAX), ABS(x));
    VECTOR square = a * a;
    VECTOR half = square * SET1(-0.5f);
    VECTOR shifted = FMA(half, SET1(LOG2_E), SET1(ROUND_64));
    VECTOR n = shifted - SET1(ROUND_64);
    VECTOR r = FMA(n, SET1(-LN2_HIGH), half) + FMA(n, SET1(-LN2_LOW), FMA(a, a, -square) * SET1(-0.5f));
    VECTOR q = NAME(power_less_one)(r);
    VECTOR d = a + SET1(4);
    VECTOR d_low = a - (d - SET1(4));
    VECTOR inverse = SET1(1) / d;
    VECTOR w = a * inverse;
    VECTOR w_low = FMA(-w, d_low, FMA(-w, d, a)) * inverse;
    VECTOR t = FMA(w, SET1(2), SET1(-1));
    VECTOR t_low = FMA(w_low, SET1(2), FMA(w, SET1(2), SET1(-1) - t));
    VECTOR p = FMA(t, SET1(G9), SET1(G8));
    p = FMA(p, t, SET1(G7));
    p = FMA(p, t, SET1(G6));
    p = FMA(p, t, SET1(G5));
    p = FMA(p, t, SET1(G4));
    p = FMA(p, t, SET1(G3));
    p = FMA(p, t, SET1(G2));
    p = FMA(p, t, SET1(G1));
    VECTOR g = FMA(p, t, SET1(G0));
    VECTOR g_low = FMA(p, t_low, FMA(p, t, SET1(G0) - g) + FMA(t, SET1(G1_LOW), SET1(G0_LOW)));
    VECTOR f = w * g;
    VECTOR f_low = FMA(w_low, g, FMA(w, g_low, FMA(w, g, -f)));
    VECTOR e = FMA(f, q, FMA(f_low, q, f_low)) + f;
    VECTOR tail = e * POWER(shifted) * SET1(TWO_TO_MINUS_64);
    STORE(at, NAME(upper)(x) - tail);
}

static inline __attribute__((always_inline)) VECTOR NAME(gelu_of)(VECTOR x) {
    const VECTOR a = ABS(x);
    const VECTOR near = FMA(-a, NAME(near_tail)(a), NAME(upper)(x));
    if (__builtin_expect(ANY_FROM(a, PIECES_END), 0)) {
        float lanes[LANES];
        STORE(lanes, x);
        NAME(far_gelu)(lanes);
        return WHERE_BELOW(a, PIECES_END, near, LOAD(lanes));
    }
    return near;
}

static void NAME(gelu)(float *y, int lanes, int rows, int used, const float *bias) {
    for (int row = 0; row < rows; row++) {
        const VECTOR b = SET1(bias ? bias[row] : 0);
        for (int lane = 0; lane < used; lane += LANES) {
            float *at = y + (int64_t) row * lanes + lane;
            STORE(at, NAME(gelu_of)(LOAD(at) + b));
        }
    }
}

// (e^(2 a) - 1) / (e^(2 a) + 1) with a = |x|, both in two floats, and the sign of x; zeros are what they were.
static void NAME(tanh)(float *y, int lanes, int rows, int used, const float *bias) {
    for (int row = 0; row < rows; row++) {
        const VECTOR b = SET1(bias ? bias[row] : 0);
        for (int lane = 0; lane < used; lane += LANES) {
            float *at = y + (int64_t) row * lanes + lane;
            const VECTOR x = LOAD(at) + b;
            const VECTOR a = SMALLER(SET1(TANH_MAX), ABS(x));
            const VECTOR twice = a + a;
            const VECTOR shifted = FMA(twice, SET1(LOG2_E), SET1(ROUND));
            const VECTOR n = shifted - SET1(ROUND);
            const VECTOR r = FMA(n, SET1(-LN2_LOW), FMA(n, SET1(-LN2_HIGH), twice));
            const VECTOR q = NAME(power_less_one)(r);
            const VECTOR scale = POWER(shifted);
            const VECTOR less = scale - SET1(1);
            const VECTOR m = FMA(scale, q, less);
            const VECTOR m_low = FMA(scale, q, less - m);
            const VECTOR d = m + SET1(2);
            const VECTOR d_low = m - (d - SET1(2)) + m_low;
            const VECTOR inverse = SET1(1) / d;
            const VECTOR t = m * inverse;
            const VECTOR rest = FMA(-t, d, m) + FMA(-t, d_low, m_low);
            const VECTOR positive = FMA(rest, inverse, t);
            STORE(at, WHERE_BELOW(ABS(x), FLT_TRUE_MIN, x, WHERE_BELOW(x, 0, -positive, positive)));
        }
    }
}

// x (1/2 + c s(c c)) with a polynomial s, where c is x, cut off at both ends.
static void NAME(short_gelu)(float *y, int lanes, int rows, int used, const float *bias) {
    for (int row = 0; row < rows; row++) {
        const VECTOR b = SET1(bias ? bias[row] : 0);
        for (int lane = 0; lane < used; lane += LANES) {
            float *at = y + (int64_t) row * lanes + lane;
            const VECTOR x = LOAD(at) + b;
            const VECTOR c = GREATER(SET1(-SHORT_MAX), SMALLER(SET1(SHORT_MAX), x));
            const VECTOR square = c * c;
            VECTOR s = FMA(square, SET1(S9), SET1(S8));
            s = FMA(s, square, SET1(S7));
            s = FMA(s, square, SET1(S6));
            s = FMA(s, square, SET1(S5));
            s = FMA(s, square, SET1(S4));
            s = FMA(s, square, SET1(S3));
            s = FMA(s, square, SET1(S2));
            s = FMA(s, square, SET1(S1));
            s = FMA(s, square, SET1(S0));
            STORE(at, x * FMA(c, s, SET1(0.5f)));
        }
    }
}

// Adds the chains up in a fixed tree, i and i + 8, then i and i + 4, and so on.
static inline __attribute__((always_inline)) VECTOR NAME(combined)(VECTOR *chains) {
    for (int half = CHAINS / 2; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) {
            chains[i] = chains[i] + chains[i + half];
        }
    }
    return chains[0];
}

// Feature i of a sum is in chain i mod 16.
static void NAME(norm)(const float *x, float *y, int lanes, int features, int used, const float *weight,
        const float *bias, float eps) {
    for (int lane = 0; lane < used; lane += LANES) {
        VECTOR chains[CHAINS];
        for (int i = 0; i < CHAINS; i++) {
            chains[i] = SET1(0);
        }
        for (int i = 0; i < features; i++) {
            chains[i % CHAINS] = chains[i % CHAINS] + LOAD(x + (int64_t) i * lanes + lane);
        }
        const VECTOR mean = NAME(combined)(chains) / SET1((float) features);
        for (int i = 0; i < CHAINS; i++) {
            chains[i] = SET1(0);
        }
        for (int i = 0; i < features; i++) {
            VECTOR distance = LOAD(x + (int64_t) i * lanes + lane) - mean;
            chains[i % CHAINS] = FMA(distance, distance, chains[i % CHAINS]);
        }
        const VECTOR variance = NAME(combined)(chains) / SET1((float) features);
        const VECTOR inverse = SET1(1) / SQRT(variance + SET1(eps));
        for (int i = 0; i < features; i++) {
            VECTOR distance = LOAD(x + (int64_t) i * lanes + lane) - mean;
            STORE(y + (int64_t) i * lanes + lane, FMA(distance * inverse, SET1(weight[i]), SET1(bias[i])));
        }
    }
}

// To the nearest integer, ties to even, by way of a number so large that it has no fractions.
static void NAME(rest)(const float *x, int depth, int lanes, float *to, int beside) {
    float *rest = beside ? to + lanes : to;
    const int64_t step = beside ? 2 * lanes : lanes;
    for (int lane = 0; lane < lanes; lane += LANES) {
        VECTOR greatest = SET1(0);
        for (int k = 0; k < depth; k++) {
            greatest = GREATER(ABS(LOAD(x + (int64_t) k * lanes + lane)), greatest);
        }
        const VECTOR inverse = WHERE_BELOW(greatest, 0x1p-100f, SET1(0), SET1(127) / greatest);
        const VECTOR scale = greatest / SET1(127);
        for (int k = 0; k < depth; k++) {
            const VECTOR value = LOAD(x + (int64_t) k * lanes + lane);
            const VECTOR q = value * inverse + SET1(ROUND) - SET1(ROUND);
            STORE(rest + k * step + lane, FMA(-q, scale, value));
            if (beside) {
                STORE(to + k * step + lane, value);
            }
        }
    }
}

static void NAME(scale)(const float *x, int depth, int lanes, const float *factors, float *y) {
    for (int k = 0; k < depth; k++) {
        for (int lane = 0; lane < lanes; lane += LANES) {
            const int64_t at = (int64_t) k * lanes + lane;
            STORE(y + at, LOAD(x + at) * SET1(factors[k]));
        }
    }
}

static void NAME(fold)(const float *x, int lanes, int rows, float *y) {
    for (int row = 0; row < rows; row++) {
        const float *both = x + 2 * (int64_t) row * lanes;
        for (int lane = 0; lane < lanes; lane += LANES) {
            STORE(y + (int64_t) row * lanes + lane, LOAD(both + lane) + LOAD(both + lanes + lane));
        }
    }
}
