// All of fp32 but the products of weights, for vectors of one kind. It is included once for each kind, with
//     NAME(x)         x with what tells the kind
//     VECTOR, LANES   of tokens, and how many it has; + - * / work on it
//     LOAD(p), STORE(p, x), SET1(x)   at any address; a number for every lane
//     FMA(a, b, c)    a b + c, rounded once
//     GREATER(a, b), SMALLER(a, b)    a where a > b or a < b, else b: that is b where one of them is NaN
//     WHERE_BELOW(x, limit, y, z)     y where x < limit, else z
//     ABS(x), SQRT(x)
//     POWER(x)        two to the integer in the low bits of x
//     ROWS            keys, or features of values, that are multiplied side by side

// e^r - 1 for small r.
static inline __attribute__((always_inline)) VECTOR NAME(power_less_one)(VECTOR r) {
    VECTOR q = FMA(r, SET1(E5), SET1(E4));
    q = FMA(q, r, SET1(E3));
    q = FMA(q, r, SET1(E2));
    q = FMA(q, r, SET1(E1));
    q = FMA(q, r, SET1(E0));
    return FMA(r * r, q, r);
}

// e^x as the definition has it, for x <= 0.
static inline __attribute__((always_inline)) VECTOR NAME(exponential)(VECTOR x) {
    VECTOR shifted = FMA(x, SET1(LOG2_E), SET1(ROUND));
    VECTOR n = shifted - SET1(ROUND);
    VECTOR r = FMA(n, SET1(-LN2_LOW), FMA(n, SET1(-LN2_HIGH), x));
    return WHERE_BELOW(x, EXP_MIN, SET1(0), (NAME(power_less_one)(r) + SET1(1)) * POWER(shifted));
}

#include "attention.h"
#include "pointwise.h"

#undef NAME
#undef VECTOR
#undef LANES
#undef LOAD
#undef STORE
#undef SET1
#undef FMA
#undef GREATER
#undef SMALLER
#undef WHERE_BELOW
#undef ABS
#undef SQRT
#undef POWER
#undef ROWS
#undef FEW
