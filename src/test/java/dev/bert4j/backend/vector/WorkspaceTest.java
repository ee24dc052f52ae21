package dev.bert4j.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.Session;
import dev.bert4j.weights.WeightTensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Memory is kept from call to call, and does not grow with their number or variety. */
class WorkspaceTest {
    @Test
    void aBufferComesBackAndIsAlignedForTheWidestVector() {
        Workspace workspace = new Workspace(1);
        MemorySegment first = workspace.take(1000);
        assertEquals(0, first.address() % 64);
        assertTrue(first.byteSize() >= 1000);
        MemorySegment second = workspace.take(1000);
        assertNotSame(first, second);
        workspace.give(first);
        assertSame(first, workspace.take(900));
    }

    @Test
    void theSmallestThatIsLargeEnoughIsTaken() {
        Workspace workspace = new Workspace(1);
        MemorySegment small = workspace.take(1 << 10);
        MemorySegment middle = workspace.take(1 << 12);
        MemorySegment large = workspace.take(1 << 14);
        List.of(large, small, middle).forEach(workspace::give);
        assertSame(middle, workspace.take(3000));
        assertSame(large, workspace.take(3000));
        assertSame(small, workspace.take(1));
    }

    @Test
    void aPowerOfTwoIsNotDoubled() {
        Workspace workspace = new Workspace(1);
        for (long bytes : new long[] {1, 64, 65, 4096, 4097, 1 << 20}) {
            long size = workspace.take(bytes).byteSize();
            assertTrue(size >= bytes && size < Math.max(2 * bytes, 65), bytes + " gave " + size);
        }
    }

    @Test
    void scratchOfAWorkerIsItsOwnAndGrowsOnlyWhenItMust() {
        Workspace workspace = new Workspace(2);
        MemorySegment scratch = workspace.scratch(0, 1000);
        assertSame(scratch, workspace.scratch(0, 500));
        assertNotSame(scratch, workspace.scratch(1, 500));
        assertTrue(workspace.scratch(0, 100_000).byteSize() >= 100_000);
    }

    /** As many buffers as were in use at one time, none larger than the power of two above the largest demand. */
    @Test
    void callsOfManyLengthsKeepNoMoreThanTheLargestNeeded() {
        Random random = new Random(5);
        Workspace workspace = new Workspace(1);
        int atOnce = 6;
        long largest = 1 << 20;
        for (int call = 0; call < 2000; call++) {
            List<MemorySegment> taken = new ArrayList<>();
            for (int i = 0; i < atOnce; i++) {
                taken.add(workspace.take(1 + random.nextLong(largest)));
            }
            taken.forEach(workspace::give);
        }
        Set<MemorySegment> kept = new HashSet<>();
        long bytes = 0;
        // A demand of one byte takes whatever is there; what is new has the least size.
        for (MemorySegment buffer = workspace.take(1); buffer.byteSize() > 64; buffer = workspace.take(1)) {
            kept.add(buffer);
            bytes += buffer.byteSize();
        }
        assertTrue(kept.size() <= atOnce, kept.size() + " buffers");
        assertTrue(bytes <= atOnce * largest, bytes + " bytes");
    }

    @Test
    void sessionsGiveTheirMemoryToTheNext() {
        try (VectorBackend backend = new VectorBackend(2, 256)) {
            Set<Long> addresses = new HashSet<>();
            WeightTensor weight = WeightTensor.of("w", new float[50 * 50], 50, 50);
            LinearWeights linear = new LinearWeights(backend.parameter(weight), null, 50, 50);
            for (int call = 0; call < 500; call++) {
                int tokens = 1 + call * 7 % 100;
                try (Session session = backend.open(tokens);
                        Activation x = session.upload(new float[tokens * 50], tokens, 50);
                        Activation y = session.linear(x, linear, ActivationFunction.GELU)) {
                    addresses.add(((Panels) x).memory().address());
                    addresses.add(((Panels) y).memory().address());
                }
            }
            // Two buffers, each outgrown a few times on the way to the longest text.
            assertTrue(addresses.size() <= 16, addresses.size() + " buffers in 500 calls");
        }
    }
}
