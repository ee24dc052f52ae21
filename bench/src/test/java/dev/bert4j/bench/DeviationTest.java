package dev.bert4j.bench;

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
}
