package dev.bert4j.backend.reference;

/** The normal distribution in float64, by textbook series, for tests to compare with. */
final class Normal {
    private Normal() {
    }

    /** Φ(x), with full relative precision in the lower tail. */
    static double cdf(double x) {
        double z = Math.abs(x) / Math.sqrt(2);
        double tail = z < 2 ? (1 - erf(z)) / 2 : erfc(z) / 2;
        return x < 0 ? tail : 1 - tail;
    }

    /** {@code 2/√π · e^(−z²) · Σ 2ⁿ z^(2n+1) / (1·3·5···(2n+1))}: all terms positive, so that nothing cancels. */
    static double erf(double z) {
        double term = z;
        double sum = z;
        for (int n = 1; term > sum * 1e-18; n++) {
            term *= 2 * z * z / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * StrictMath.exp(-z * z) * sum;
    }

    /** The continued fraction {@code e^(−z²)/√π · 1/(z + (1/2)/(z + 1/(z + …)))}, from the far end, for z ≥ 2. */
    static double erfc(double z) {
        if (z > 30) {
            return 0;
        }
        double fraction = z;
        for (int n = 120; n > 0; n--) {
            fraction = z + n / 2.0 / fraction;
        }
        return StrictMath.exp(-z * z) / Math.sqrt(Math.PI) / fraction;
    }
}
