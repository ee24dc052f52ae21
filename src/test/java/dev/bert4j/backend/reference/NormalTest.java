package dev.bert4j.backend.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The truth that GELU is compared with, at values from tables of the error function. */
class NormalTest {
    @Test
    void errorFunction() {
        assertEquals(0.5204998778130465, Normal.erf(0.5), 1e-15);
        assertEquals(0.8427007929497149, Normal.erf(1), 1e-15);
        assertEquals(0.9953222650189527, Normal.erf(2), 1e-15);
        relative(0.004677734981047266, Normal.erfc(2));
        relative(2.209049699858544e-5, Normal.erfc(3));
        relative(1.5374597944280349e-12, Normal.erfc(5));
        relative(2.088487583762545e-45, Normal.erfc(10));
    }

    @Test
    void distribution() {
        assertEquals(0.5, Normal.cdf(0));
        relative(0.15865525393145707, Normal.cdf(-1));
        relative(0.9772498680518208, Normal.cdf(2));
        relative(6.22096057427178e-16, Normal.cdf(-8));
        relative(7.61985302416052e-24, Normal.cdf(-10));
        // The series and the fraction meet at |x| = 2√2.
        relative(Normal.cdf(-2.8284271247461898), Normal.cdf(-2.8284271247461907));
    }

    private static void relative(double expected, double actual) {
        assertEquals(1, actual / expected, 2e-13);
    }
}
