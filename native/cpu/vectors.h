// All of fp32 but the products of weights, for vectors of one kind. It is included once for each kind, with
//     NAME(x)         x with what tells the kind
//     VECTOR, LANES   of tokens, and how many it has; + - * / work on it
//     LOAD(p), STORE(p, x), SET1(x)   at any address; a number for every lane
//     FMA(a, b, c)    a b + c, rounded once
//     GREATER(a, b), SMALLER(a, b)    a where a > b or a < b, else b: that is b where one of them is NaN
//     WHERE_BELOW(x, limit, y, z)     y where x < limit, else z
//     ABS(x), SQRT(x)
//     POWER(x)        two to the integer in the low bits of x
//     PLACES, FIND(x), PICK(table, places)    what the low four bits of each lane of x choose from sixteen numbers, which
//                     begin with a line of the cache
//     ANY_FROM(x, limit)  whether a lane is not below the limit
//     ROWS            keys, or features of values, that are multiplied side by side

// For each of n vectors, TOGETHER at most, which is four. A chain of operations is longer than processors look ahead, so
// that they find enough to do only where several chains take turns.
#define EACH _Pragma("GCC unroll 4") for (int i = 0; i < n; i++)

// e^r - 1 for small r.
static inline __attribute__((always_inline)) void NAME(powers_less_one)(const VECTOR *r, VECTOR *q, const int n) {
    EACH q[i] = FMA(r[i], SET1(E5), SET1(E4));
    EACH q[i] = FMA(q[i], r[i], SET1(E3));
    EACH q[i] = FMA(q[i], r[i], SET1(E2));
    EACH q[i] = FMA(q[i], r[i], SET1(E1));
    EACH q[i] = FMA(q[i], r[i], SET1(E0));
    EACH q[i] = FMA(r[i] * r[i], q[i], r[i]);
}

static inline __attribute__((always_inline)) VECTOR NAME(power_less_one)(VECTOR r) {
    VECTOR q;
    NAME(powers_less_one)(&r, &q, 1);
    return q;
}

// x becomes e^x as the definition has it, for x <= 0.
static inline __attribute__((always_inline)) void NAME(exponentials)(VECTOR *x, const int n) {
    VECTOR shifted[TOGETHER], m[TOGETHER], r[TOGETHER], q[TOGETHER];
    EACH shifted[i] = FMA(x[i], SET1(LOG2_E), SET1(ROUND));
    EACH m[i] = shifted[i] - SET1(ROUND);
    EACH r[i] = FMA(m[i], SET1(-LN2_HIGH), x[i]);
    EACH r[i] = FMA(m[i], SET1(-LN2_LOW), r[i]);
    NAME(powers_less_one)(r, q, n);
    EACH q[i] = q[i] + SET1(1);
    EACH x[i] = WHERE_BELOW(x[i], EXP_MIN, SET1(0), q[i] * POWER(shifted[i]));
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
#undef PLACES
#undef FIND
#undef PICK
#undef ANY_FROM
#undef ROWS
#undef FEW
#undef EACH
