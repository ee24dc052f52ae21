package dev.bert4j.backend.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.cpu.Workers;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every row of every weight is multiplied with every panel once, in parts that are what the caches want. */
class PanelProductTest {
    private static final int LANES = 32;
    private static final int TILE = 8;

    /** Rows that a worker was given. */
    private record Part(int weight, int row, int rows) {
    }

    /** Computes nothing. */
    private static final class Noted implements RowProduct {
        private final int depth;
        private final boolean inPlace;
        private final boolean readsOnce;
        private final ConcurrentLinkedQueue<Part> parts = new ConcurrentLinkedQueue<>();
        private final int[][][] multiplied;
        /** Of each worker, the first panel that it multiplied. */
        private final ConcurrentMap<Integer, Integer> firstPanels = new ConcurrentHashMap<>();
        /** Workers that wait for each other before their first panel. */
        private CountDownLatch all = new CountDownLatch(0);

        Noted(int weights, int out, int depth, int panels, boolean inPlace, boolean readsOnce) {
            this.depth = depth;
            this.inPlace = inPlace;
            this.readsOnce = readsOnce;
            multiplied = new int[weights][panels][out];
        }

        @Override
        public void begin(Kernels kernels, Panels x, LinearWeights[] linears, Panels[] ys) {
        }

        @Override
        public int rowBytes() {
            return 4 * depth;
        }

        @Override
        public int tileRows() {
            return TILE;
        }

        @Override
        public boolean inPlace() {
            return inPlace;
        }

        @Override
        public boolean readsOnce() {
            return readsOnce;
        }

        @Override
        public void rows(int weight, int row, int rows, int worker) {
            parts.add(new Part(weight, row, rows));
            if (!firstPanels.containsKey(worker)) {
                all.countDown();
                try {
                    assertTrue(all.await(20, TimeUnit.SECONDS), "a thread has no part");
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        }

        @Override
        public ActivationKernel activation(Kernels kernels, ActivationFunction f) {
            return (y, at, step, rows, vectors, bias, biasAt, function) -> { };
        }

        @Override
        public void multiply(int weight, int panel, int next, int row, int rows, int vectors, int worker) {
            firstPanels.putIfAbsent(worker, panel);
            for (int i = row; i < row + rows; i++) {
                multiplied[weight][panel][i]++;
            }
        }
    }

    private static Noted product(int threads, int weights, int out, int depth, int panels, boolean inPlace,
            boolean readsOnce) {
        return run(new Noted(weights, out, depth, panels, inPlace, readsOnce), threads, weights, out, depth, panels);
    }

    private static Noted run(Noted noted, int threads, int weights, int out, int depth, int panels) {
        Workspace workspace = new Workspace(threads, floats -> 0);
        LinearWeights[] linears = new LinearWeights[weights];
        Arrays.fill(linears, new LinearWeights(null, null, depth, out));
        Panels[] ys = IntStream.range(0, weights).mapToObj(i -> workspace.take(panels * LANES, out, LANES))
                .toArray(Panels[]::new);
        try (Workers workers = new Workers(threads)) {
            new PanelProduct(workers, noted).run(Kernels.of(256), workspace.take(panels * LANES, depth, LANES), linears,
                    ys);
        }
        return noted;
    }

    private static void requireOnce(Noted noted, int out) {
        int[] once = new int[out];
        Arrays.fill(once, 1);
        Arrays.stream(noted.multiplied).flatMap(Arrays::stream).forEach(panel -> assertArrayEquals(once, panel));
    }

    @Test
    void everyRowMeetsEveryPanelOnce() {
        for (int threads : new int[] {1, 2, 3, 5}) {
            for (int out : new int[] {1, 2, 7, 8, 9, 100, 768, 3072}) {
                for (int panels : new int[] {1, 2, 5, 7, 8}) {
                    for (int depth : new int[] {16, 768, 1024}) {
                        for (int weights : new int[] {1, 3}) {
                            requireOnce(product(threads, weights, out, depth, panels, false, false), out);
                            requireOnce(product(threads, weights, out, depth, panels, true, false), out);
                            requireOnce(product(threads, weights, out, depth, panels, true, true), out);
                        }
                    }
                }
            }
        }
    }

    /** Rows of a part, the most; they are whole tiles but at the end of a weight. */
    private static int most(Noted noted, int out) {
        noted.parts.forEach(part -> assertTrue(part.rows % TILE == 0 || part.row + part.rows == out, part::toString));
        return noted.parts.stream().mapToInt(Part::rows).max().orElseThrow();
    }

    @Test
    void aPartFitsTheCache() {
        for (int threads = 1; threads <= 2; threads++) {
            for (int panels : new int[] {1, 6}) {
                for (boolean inPlace : new boolean[] {false, true}) {
                    Noted noted = product(threads, 1, 30522, 768, panels, inPlace, false);
                    assertTrue(most(noted, 30522) * noted.rowBytes() <= CacheBlock.BYTES);
                }
                Noted many = product(threads, 1, 30522, 768, 6, true, true);
                assertTrue(most(many, 30522) * many.rowBytes() <= CacheBlock.BYTES);
                Noted one = product(threads, 1, 30522, 768, 1, true, true);
                assertTrue(most(one, 30522) * 4 * LANES <= CacheBlock.BYTES);
            }
        }
    }

    /** What is read once is read in one go by one thread, and shared out to several. */
    @Test
    void aPartIsAsLongAsItMayBe() {
        assertEquals(List.of(new Part(0, 0, 2040), new Part(0, 2040, 8)),
                List.copyOf(product(1, 1, 2048, 769, 1, true, true).parts));
        assertEquals(List.of(new Part(0, 0, 2048)), List.copyOf(product(1, 1, 2048, 1024, 1, true, true).parts));
        assertEquals(4, product(2, 1, 2048, 1024, 1, true, true).parts.size());
    }

    @Test
    void partsThatAreEqualAreFew() {
        assertEquals(4, product(2, 1, 768, 16, 1, true, true).parts.size());
        assertEquals(4, product(2, 1, 768, 16, 4, true, true).parts.size());
        assertEquals(8, product(2, 1, 768, 16, 5, true, true).parts.size());
        assertEquals(8, product(4, 1, 768, 16, 4, true, true).parts.size());
        assertEquals(18, product(4, 1, 768, 16, 6, true, true).parts.size(), "three groups of four threads");
    }

    /** Of four panels, which other operations share out as neighbours. */
    @Test
    void threadsBeginWithPanelsOfTheirOwn() {
        Noted noted = new Noted(3, 768, 768, 4, true, true);
        noted.all = new CountDownLatch(2);
        run(noted, 2, 3, 768, 768, 4);
        assertEquals(Map.of(0, 0, 1, 2), noted.firstPanels);
        requireOnce(noted, 768);
    }

    /** Threads have as many rows to begin with, up to a tile, and in the end there is something left to take over. */
    @Test
    void threadsHaveEqualShares() {
        RowParts parts = new RowParts();
        for (int threads = 1; threads <= 9; threads++) {
            for (int rows = 1; rows < 3500; rows += 1 + rows / 7) {
                for (int rowBytes : new int[] {1536, 3072, 4096}) {
                    for (int least = 1; least <= 3; least++) {
                        int most = rows % 3 == 0 ? 5000 : rows % 3 == 1 ? 100 : rows % 2 * 5;
                        parts.share(rows, TILE, rowBytes, threads, least, most);
                        requireEqualShares(parts, rows, rowBytes, threads, least, most);
                    }
                }
            }
        }
    }

    private static void requireEqualShares(RowParts parts, int rows, int rowBytes, int threads, int least, int most) {
        int[] ofThread = new int[threads];
        int[] partsOfThread = new int[threads];
        for (int part = 0; part < parts.count(); part++) {
            assertEquals(part == 0 ? 0 : parts.start(part - 1) + parts.rows(part - 1), parts.start(part));
            assertTrue(parts.rows(part) > 0 && parts.rows(part) <= Math.max(most, TILE));
            if (rowBytes % 4096 != 0) {
                assertEquals(1, Math.ceilDiv(parts.rows(part), TILE) % 2);
            }
            assertTrue(part < threads || parts.rows(part) <= parts.rows(part - threads), "a larger one later");
            ofThread[part % threads] += parts.rows(part);
            partsOfThread[part % threads]++;
        }
        assertEquals(rows, Arrays.stream(ofThread).sum());
        int fewest = Arrays.stream(ofThread).min().orElseThrow();
        assertTrue(Arrays.stream(ofThread).max().orElseThrow() - fewest <= TILE, () -> Arrays.toString(ofThread));
        assertTrue(Arrays.stream(partsOfThread).min().orElseThrow() >= Math.min(least, rows / TILE / threads));
    }

    @Test
    void partsOfSomeWeights() {
        RowParts parts = new RowParts();
        parts.share(768, 24, 3072, 2, 2, 5000);
        assertEquals(List.of(9 * 24, 9 * 24, 7 * 24, 7 * 24), rows(parts));
        parts.share(768, 24, 4096, 2, 2, 5000);
        assertEquals(List.of(8 * 24, 8 * 24, 8 * 24, 8 * 24), rows(parts));
        parts.share(770, 24, 3072, 2, 1, 5000);
        assertEquals(List.of(15 * 24, 15 * 24, 24, 24, 2), rows(parts));
        parts.share(50, 24, 3072, 4, 2, 5000);
        assertEquals(List.of(24, 24, 2), rows(parts));
    }

    private static List<Integer> rows(RowParts parts) {
        return IntStream.range(0, parts.count()).map(parts::rows).boxed().toList();
    }
}
