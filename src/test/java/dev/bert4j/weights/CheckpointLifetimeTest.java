package dev.bert4j.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointLifetimeTest {
    private static final int COUNT = 5000;

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void writeOnes() throws IOException {
        float[] ones = new float[COUNT];
        Arrays.fill(ones, 1);
        file = new SafetensorsWriter().addFloats("ones", ones).write(folder.resolve("model.safetensors"));
    }

    private boolean isMapped() throws IOException {
        return Files.readString(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1).contains(file.toString());
    }

    private static void assumeMapsAreListed() {
        assumeTrue(Files.exists(Path.of("/proc/self/maps")), "only Linux lists what a process has mapped");
    }

    @Test
    void closingUnmaps() throws Exception {
        assumeMapsAreListed();
        Checkpoint checkpoint = Checkpoint.open(folder);
        assertTrue(isMapped());
        checkpoint.close();
        assertFalse(isMapped());
        checkpoint.close();
    }

    @Test
    void refusedFileIsUnmapped() throws Exception {
        assumeMapsAreListed();
        Files.write(file, new byte[1], StandardOpenOption.APPEND);
        assertThrows(CheckpointException.class, () -> Checkpoint.open(folder));
        assertFalse(isMapped());
    }

    @Test
    void leasesKeepTheFilesMapped() throws Exception {
        assumeMapsAreListed();
        Checkpoint checkpoint = Checkpoint.open(folder);
        Checkpoint.Lease first = checkpoint.acquire();
        Checkpoint.Lease second = checkpoint.acquire();
        checkpoint.close();
        first.close();
        assertTrue(isMapped());
        assertEquals(1, checkpoint.get("ones").get(COUNT - 1));
        checkpoint.close();
        assertTrue(isMapped());
        second.close();
        assertFalse(isMapped());
    }

    @Test
    void nothingIsReadAfterClosing() throws Exception {
        Checkpoint checkpoint = Checkpoint.open(folder);
        WeightTensor tensor = checkpoint.get("ones");
        checkpoint.close();
        var e = assertThrows(IllegalStateException.class, checkpoint::acquire);
        assertEquals("the checkpoint " + folder + " is closed", e.getMessage());
        assertThrows(IllegalStateException.class, () -> tensor.get(0));
        assertThrows(IllegalStateException.class, tensor::toFloatArray);
        assertEquals(COUNT, tensor.numElements());
    }

    @Test
    void leasesAreCounted() throws Exception {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            Checkpoint.Lease lease = checkpoint.acquire();
            assertSame(lease, checkpoint.acquire());
            lease.close();
            lease.close();
            assertThrows(IllegalStateException.class, lease::close);
            try (var _ = checkpoint.acquire()) {
                assertEquals(1, checkpoint.get("ones").get(0));
            }
        }
    }

    /** Whoever gets a lease reads everything, however the closing falls between; the last one unmaps. */
    @Test
    void closingWhileOthersRead() throws Exception {
        int threads = 4;
        try (ExecutorService pool = Executors.newFixedThreadPool(threads + 2)) {
            for (int round = 0; round < 200; round++) {
                Checkpoint checkpoint = Checkpoint.open(folder);
                var running = new CountDownLatch(threads);
                Callable<Long> reader = () -> {
                    long calls = 0;
                    for (;; calls++) {
                        Checkpoint.Lease lease;
                        try {
                            lease = checkpoint.acquire();
                        } catch (IllegalStateException closed) {
                            return calls;
                        }
                        try (lease) {
                            assertOnes(checkpoint.get("ones"));
                        }
                        running.countDown();
                    }
                };
                List<Future<?>> futures = new ArrayList<>();
                for (int t = 0; t < threads; t++) {
                    futures.add(pool.submit(reader));
                }
                running.await();
                Thread.sleep(0, ThreadLocalRandom.current().nextInt(100_000));
                futures.add(pool.submit(checkpoint::close));
                futures.add(pool.submit(checkpoint::close));
                for (Future<?> future : futures) {
                    future.get();
                }
                assertThrows(IllegalStateException.class, () -> checkpoint.get("ones").get(0));
            }
        }
    }

    private static void assertOnes(WeightTensor tensor) {
        double sum = 0;
        for (long i = 0; i < COUNT; i++) {
            sum += tensor.get(i);
        }
        assertEquals(COUNT, sum);
    }
}
