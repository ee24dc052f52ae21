package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.model.ForwardHook;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A thread that runs out of stack in a call takes nothing along: neither the backend's threads nor the weights. */
class StackOverflowTest {
    private static final Path DEMO = Path.of("src/models/demo");
    private static final int THREADS = 25;
    private static final long ENOUGH_NANOS = 20_000_000;

    static Stream<String> backends() {
        return Golden.backends().stream().filter(name -> !name.startsWith("opencl"));
    }

    @ParameterizedTest
    @Timeout(300)
    @MethodSource("backends")
    void hooksWithoutEnd(String backend) throws Exception {
        BertInput input = BertInput.of(new Random(3).ints(40, 1000, 2000).toArray());
        LoadOptions options = LoadOptions.defaults().withoutPoolingLayer().withBackend(backend).withThreads(2);
        BertModel model = BertModel.fromPretrained(DEMO, options);
        float[] expected = model.forward(input).lastHiddenState().data();
        AtomicInteger overflows = new AtomicInteger();
        Random random = new Random(5);
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(null, () -> {
                try (ForwardHook.Handle _ = model.getSubmodule("encoder.layer.0.attention.self")
                        .registerForwardHook((_, _) -> model.forward(input))) {
                    model.forward(input);
                } catch (StackOverflowError e) {
                    overflows.incrementAndGet();
                }
            }, "deep", 200_000 + random.nextInt(200_000));
            thread.start();
            thread.join();
        }
        assertEquals(THREADS, overflows.get());
        assertArrayEquals(expected, model.forward(input).lastHiddenState().data());
        long before = workerNanos();
        for (int i = 0; i < 3000 && workerNanos() - before < ENOUGH_NANOS; i++) {
            model.forward(input);
        }
        long nanos = workerNanos() - before;
        assertTrue(nanos >= ENOUGH_NANOS, "the thread beside the callers' has computed for " + nanos + " ns");
        model.close();
    }

    /** Processor time of the threads beside the callers'; none comes to it where they are taken for good. */
    private static long workerNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().equals("bert4j-1"))
                .mapToLong(thread -> Math.max(0, threads.getThreadCpuTime(thread.getThreadId()))).sum();
    }
}
