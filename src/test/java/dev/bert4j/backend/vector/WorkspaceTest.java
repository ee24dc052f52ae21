package dev.bert4j.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.NativeCpu;
import dev.bert4j.backend.Session;
import dev.bert4j.backend.cpu.Floats;
import dev.bert4j.backend.nativecpu.FloatKernels;
import dev.bert4j.backend.nativecpu.NativeKernels;
import dev.bert4j.weights.WeightTensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Memory is kept from call to call, and does not grow with their number or variety. */
class WorkspaceTest {
    @Test
    void anActivationComesBackInItsNewShape() {
        Workspace workspace = new Workspace(1, floats -> 7);
        Panels first = workspace.take(10, 100, 16);
        assertTrue(first.capacity() >= 1600);
        assertNotSame(first, workspace.take(10, 100, 16));
        first.close();
        assertSame(first, workspace.take(3, 90, 8));
        assertEquals(List.of(3, 90, 8, 1), List.of(first.tokens(), first.features(), first.lanes(), first.count()));
    }

    @Test
    void anActivationBeginsWhereALineOfTheCacheDoes() {
        assertEquals(7, new Workspace(1, floats -> 7).take(3, 5, 16).at(0, 0));
        NativeCpu.require();
        FloatKernels natives = NativeKernels.get().floats();
        Workspace workspace = new Workspace(1, floats -> natives.lineStart(floats.segment()));
        for (int values : new int[] {1, 100, 1 << 12, 1 << 20}) {
            // The garbage collector may move one between two questions.
            assertTrue(4 <= IntStream.range(0, 5).filter(time -> {
                Panels panels = workspace.take(1, values, 1);
                return natives.lineStart(panels.floats().segment().asSlice(4L * panels.at(0, 0))) == 0;
            }).count(), values + " values");
        }
    }

    @Test
    void theSmallestThatIsLargeEnoughIsTaken() {
        Workspace workspace = new Workspace(1, floats -> 7);
        Panels small = workspace.take(1, 1 << 10, 1);
        Panels middle = workspace.take(1, 1 << 12, 1);
        Panels large = workspace.take(1, 1 << 14, 1);
        List.of(large, small, middle).forEach(Panels::close);
        assertSame(middle, workspace.take(1, 3000, 1));
        assertSame(large, workspace.take(1, 3000, 1));
        assertSame(small, workspace.take(1, 1, 1));
    }

    @Test
    void noMoreThanAnEighthIsTakenInVain() {
        Workspace workspace = new Workspace(1, floats -> 7);
        for (int values : new int[] {1, 16, 17, 4096, 4097, 1 << 20, (1 << 20) + 1}) {
            int capacity = workspace.take(1, values, 1).capacity();
            assertTrue(capacity >= values && capacity <= values + Math.max(values / 8, 16), values + ": " + capacity);
        }
    }

    @Test
    void whatNoArrayHoldsIsRefused() {
        Workspace workspace = new Workspace(1, floats -> 7);
        var refused = assertThrows(IllegalArgumentException.class, () -> workspace.take(1 << 20, 3072, 32));
        assertEquals("1048576 tokens of 3072 values each are more than the 2147418111 values that one call can hold;"
                + " give fewer texts at a time.", refused.getMessage());
    }

    @Test
    void scratchOfAWorkerIsItsOwnAndGrowsOnlyWhenItMust() {
        Workspace workspace = new Workspace(2, floats -> 0);
        Floats scratch = workspace.scratch(0, 1000);
        assertSame(scratch, workspace.scratch(0, 500));
        assertNotSame(scratch, workspace.scratch(1, 500));
        assertTrue(workspace.scratch(0, 100_000).length() >= 100_000);
    }

    /** As many arrays as were in use at one time, none larger than an eighth above the largest demand. */
    @Test
    void callsOfManyLengthsKeepNoMoreThanTheLargestNeeded() {
        Random random = new Random(5);
        Workspace workspace = new Workspace(1, floats -> 7);
        int atOnce = 6;
        int largest = 1 << 18;
        for (int call = 0; call < 2000; call++) {
            List<Panels> taken = new ArrayList<>();
            for (int i = 0; i < atOnce; i++) {
                taken.add(workspace.take(1, 1 + random.nextInt(largest), 1));
            }
            taken.forEach(Panels::close);
        }
        Set<Panels> kept = new HashSet<>();
        long values = 0;
        // A demand of one value takes whatever is there; what is new has the least size.
        for (Panels one = workspace.take(1, 1, 1); one.capacity() > 16; one = workspace.take(1, 1, 1)) {
            kept.add(one);
            values += one.capacity();
        }
        assertTrue(kept.size() <= atOnce, kept.size() + " arrays");
        assertTrue(values <= atOnce * largest * 9L / 8, values + " values");
    }

    @Test
    void sessionsGiveTheirMemoryToTheNext() {
        try (VectorBackend backend = new VectorBackend(2, 256)) {
            Set<float[]> arrays = new HashSet<>();
            WeightTensor weight = WeightTensor.of("w", new float[50 * 50], 50, 50);
            LinearWeights linear = new LinearWeights(backend.parameter(weight), null, 50, 50);
            for (int call = 0; call < 500; call++) {
                int tokens = 1 + call * 7 % 100;
                try (Session session = backend.open(tokens);
                        Activation x = session.upload(new float[tokens * 50], tokens, 50);
                        Activation y = session.linear(x, linear, ActivationFunction.GELU)) {
                    arrays.add(((Panels) x).values());
                    arrays.add(((Panels) y).values());
                }
            }
            // Two arrays, each outgrown some times on the way to the longest text.
            assertTrue(arrays.size() <= 32, arrays.size() + " arrays in 500 calls");
        }
    }
}
