package dev.bert4j.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchesTest {
    private static final List<int[]> TEXTS = List.of(new int[] {1, 2, 3}, new int[] {4}, new int[] {5, 6});

    @Test
    void givenIsOneBatchInOrder() {
        List<int[][]> plans = Batches.GIVEN.plans(TEXTS);
        assertEquals(1, plans.size());
        assertArrayEquals(new int[][] {{0, 1, 2}}, plans.getFirst());
    }

    @Test
    void manyAreCutInTwoWays() {
        List<int[][]> plans = Batches.GIVEN.plans(Work.of("short70").texts());
        assertEquals(List.of(1, 3), plans.stream().map(plan -> plan.length).toList());
        assertEquals(6, plans.getLast()[2].length);
    }

    @Test
    void bucketsAreSortedByLength() {
        List<int[][]> plans = Batches.BUCKETS.plans(TEXTS);
        assertEquals(2, plans.size());
        assertArrayEquals(new int[][] {{1}, {2}, {0}}, plans.getFirst());
        assertArrayEquals(new int[][] {{1, 2}, {0}}, plans.getLast());
        assertFalse(Batches.padded(TEXTS, plans.getFirst()));
        assertTrue(Batches.padded(TEXTS, plans.getLast()));
    }

    @Test
    void everyTextIsInEveryPlanOnce() {
        List<int[]> texts = Work.of("ragged32").texts();
        for (Batches batches : Batches.values()) {
            for (int[][] plan : batches.plans(texts)) {
                assertArrayEquals(IntStream.range(0, 32).toArray(),
                        Arrays.stream(plan).flatMapToInt(Arrays::stream).sorted().toArray());
            }
        }
    }

    @Test
    void paddingGoesInAndComesOut() {
        PaddedBatch batch = PaddedBatch.of(TEXTS, new int[] {2, 0});
        assertEquals(3, batch.width());
        assertTrue(batch.padded());
        assertArrayEquals(new int[] {5, 6, 0, 1, 2, 3}, batch.ids());
        assertArrayEquals(new int[] {1, 1, 0, 1, 1, 1}, batch.mask());
        float[] all = new float[6];
        batch.unpad(FloatBuffer.wrap(new float[] {50, 60, -1, 10, 20, 30}), 1, TEXTS, all);
        assertArrayEquals(new float[] {10, 20, 30, 0, 50, 60}, all);
    }
}
