package dev.bert4j.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.BertConfig;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class WorkTest {
    @Test
    void namesSayTheShape() {
        Work work = Work.of("8x128");
        assertTrue(work.even());
        assertEquals(8, work.texts().size());
        assertArrayEquals(new int[] {128, 128, 128, 128, 128, 128, 128, 128}, work.lengths());
        assertFalse(Arrays.equals(work.texts().get(0), work.texts().get(1)));
    }

    @Test
    void raggedTextsAreTheSameEveryTime() {
        Work work = Work.of("ragged32");
        assertFalse(work.even());
        assertArrayEquals(work.lengths(), Work.of("ragged32").lengths());
        assertTrue(Arrays.stream(work.lengths()).allMatch(length -> length >= 5 && length <= 128));
        assertTrue(Arrays.stream(Work.of("short256").lengths()).allMatch(length -> length >= 3 && length <= 24));
    }

    @Test
    void arithmeticOfBertBase() {
        BenchModel base = new BenchModel("base", null, BertConfig.defaults());
        // 85 million parameters, two operations each, and a little for attention.
        assertEquals(21.75e9 + 0.6e9, base.flops(128), 0.2e9);
        assertEquals(2 * base.flops(100), base.flops(100, 100));
        assertEquals(340.2e6, base.layerBytes(), 0.1e6);
    }
}
