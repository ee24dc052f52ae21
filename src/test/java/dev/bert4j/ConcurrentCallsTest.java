package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Many callers of one model, and its end while they call. */
@Timeout(120)
class ConcurrentCallsTest {
    private static final Path FOLDER = Golden.resources().resolve("models").resolve("base");
    private static final int CALLERS = 12;

    static Stream<String> backends() {
        return GoldenModelsTest.backends().stream();
    }

    private static BertModel open(String backend) throws Exception {
        return BertModel.fromPretrained(FOLDER, LoadOptions.defaults().withBackend(backend).withThreads(2));
    }

    private static List<BertInput> inputs(int vocabulary) {
        Random random = new Random(2);
        List<BertInput> inputs = new ArrayList<>();
        for (int length : new int[] {1, 5, 8, 17, 40}) {
            inputs.add(BertInput.of(random.ints(length, 0, vocabulary).toArray()));
        }
        return inputs;
    }

    @ParameterizedTest
    @MethodSource("backends")
    void everyCallerGetsTheSameBits(String backend) throws Exception {
        try (BertModel model = open(backend)) {
            List<BertInput> inputs = inputs(model.config().vocabSize());
            List<Tensor> expected = inputs.stream().map(in -> model.forward(in).lastHiddenState()).toList();
            try (ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor();
                    ExecutorService platform = Executors.newFixedThreadPool(CALLERS)) {
                List<Future<?>> done = new ArrayList<>();
                for (int caller = 0; caller < CALLERS; caller++) {
                    int first = caller;
                    done.add((caller % 2 == 0 ? virtual : platform).submit(() -> {
                        for (int round = 0; round < 20; round++) {
                            int which = (first + round) % inputs.size();
                            Bits.assertSame(expected.get(which), model.forward(inputs.get(which)).lastHiddenState(),
                                    "caller " + first + ", round " + round);
                        }
                    }));
                }
                for (Future<?> each : done) {
                    each.get();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void closingLetsCallsFinishAndRefusesLaterOnes(String backend) throws Exception {
        for (int round = 0; round < 10; round++) {
            BertModel model = open(backend);
            List<BertInput> inputs = inputs(model.config().vocabSize());
            List<Tensor> expected = inputs.stream().map(in -> model.forward(in).lastHiddenState()).toList();
            AtomicInteger finished = new AtomicInteger();
            AtomicInteger refused = new AtomicInteger();
            CountDownLatch running = new CountDownLatch(CALLERS);
            try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
                List<Future<?>> done = new ArrayList<>();
                for (int caller = 0; caller < CALLERS; caller++) {
                    int which = caller % inputs.size();
                    done.add(callers.submit(() -> {
                        try {
                            for (;;) {
                                Bits.assertSame(expected.get(which), model.forward(inputs.get(which)).lastHiddenState(),
                                        "while closing");
                                finished.incrementAndGet();
                                running.countDown();
                            }
                        } catch (IllegalStateException e) {
                            assertTrue(e.getMessage().endsWith("is closed"), e.getMessage());
                            refused.incrementAndGet();
                        }
                    }));
                }
                running.await();
                model.close();
                for (Future<?> each : done) {
                    each.get();
                }
            }
            assertEquals(CALLERS, refused.get());

            assertThrows(IllegalStateException.class, () -> model.forward(inputs.getFirst()));
            model.close();
        }
    }
}
