package dev.bert4j.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DeviationTest {
    @Test
    void onlyNearValuesAgree() {
        float[] values = {1, -2, 3};
        assertTrue(Deviation.of(new float[] {1.0001f, -2, 3}, values).within(1e-4));
        assertFalse(Deviation.of(new float[] {1.01f, -2, 3}, values).within(1e-4));
        assertFalse(Deviation.of(new float[] {Float.NaN, -2, 3}, values).within(1e-4));
        assertFalse(Deviation.of(new float[3], new float[3]).within(1e-4), "Nothing was computed.");
        assertThrows(IllegalArgumentException.class, () -> Deviation.of(new float[2], values));
    }

    @Test
    void cosineIsThatOfTheAngle() {
        assertEquals(1, Deviation.cosine(new float[] {1, -2, 3}, new float[] {2, -4, 6}), 1e-12);
        assertEquals(-1, Deviation.cosine(new float[] {1, -2}, new float[] {-1, 2}), 1e-12);
        assertEquals(0.8, Deviation.cosine(new float[] {1, 0}, new float[] {4, 3}), 1e-12);
    }
}
