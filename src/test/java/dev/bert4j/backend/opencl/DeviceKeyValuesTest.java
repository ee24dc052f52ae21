package dev.bert4j.backend.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.backend.KeyValues;
import dev.bert4j.backend.OpenClDevices;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lwjgl.opencl.CL10;

/** What calls keep on a device: gone on from in any way, moved to the host and back, and released. */
class DeviceKeyValuesTest {
    private static final int FEATURES = 5;
    private static final int STEPS = 400;

    @TempDir
    Path folder;
    private DeviceContext context;
    private Programs programs;
    private long queue;
    private BufferPool pool;
    private Kernels kernels;
    private Transfers transfers;
    private KeyValueStore store;
    private int before;

    @BeforeEach
    void open() {
        OpenClDevices.require();
        before = DeviceContext.live();
        context = new DeviceContext(OpenClDevice.all().stream().filter(device -> device.refusal() == null).findFirst()
                .orElseThrow());
        programs = new Programs(context, new ProgramCache(folder));
        queue = context.createQueue();
        pool = new BufferPool(context, () -> { });
        kernels = new Kernels(context, programs);
        transfers = new Transfers(queue, pool);
        store = store(Long.MAX_VALUE);
    }

    private KeyValueStore store(long limit) {
        return new KeyValueStore(context, queue, limit, () -> { });
    }

    private KeyValueRunner call() {
        return new KeyValueRunner(store, queue, pool, kernels, transfers);
    }

    @AfterEach
    void close() {
        if (context == null) {
            return;
        }
        CL10.clFinish(queue);
        assertTrue(pool.isWhole());
        store.close();
        kernels.release();
        pool.release();
        programs.release();
        context.releaseQueue(queue);
        context.release();
        assertEquals(before, DeviceContext.live());
    }

    /** Keys and values of a text, and what they are to be. */
    private record Text(KeyValues kept, float[] keys, float[] values) {
        static final Text NONE = new Text(null, new float[0], new float[0]);

        void check() {
            assertEquals(keys.length / FEATURES, kept.length());
            assertEquals(FEATURES, kept.features());
            assertArrayEquals(keys, kept.keys());
            assertArrayEquals(values, kept.values());
        }
    }

    private static float[] joined(float[] a, float[] b) {
        float[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    private static float[] floats(Random random, int tokens) {
        float[] values = new float[tokens * FEATURES];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        return values;
    }

    /** In one call, goes on from texts by new tokens. */
    private List<Text> append(Random random, List<Text> past, int mostTokens) {
        int[] starts = new int[past.size() + 1];
        for (int i = 0; i < past.size(); i++) {
            starts[i + 1] = starts[i] + random.nextInt(mostTokens + 1);
        }
        float[] keys = floats(random, starts[past.size()]);
        float[] values = floats(random, starts[past.size()]);
        KeyValueRunner call = call();
        List<KeyValues> kept;
        try (DeviceMatrix k = matrix(keys); DeviceMatrix v = matrix(values)) {
            kept = call.append(past.stream().map(Text::kept).toList(), k, v, starts);
        } finally {
            call.endCall();
        }
        List<Text> longer = new ArrayList<>();
        for (int i = 0; i < past.size(); i++) {
            int from = starts[i] * FEATURES;
            int to = starts[i + 1] * FEATURES;
            longer.add(new Text(kept.get(i), joined(past.get(i).keys(), Arrays.copyOfRange(keys, from, to)),
                    joined(past.get(i).values(), Arrays.copyOfRange(values, from, to))));
        }
        return longer;
    }

    private DeviceMatrix matrix(float[] rows) {
        DeviceMatrix matrix = new DeviceMatrix(pool, rows.length / FEATURES, FEATURES);
        transfers.write(matrix.buffer(), rows);
        return matrix;
    }

    /** In one call, brings texts together as attention reads them. */
    private void join(List<Text> texts) {
        KeyValueRunner call = call();
        KeyValueRunner.Joined joined = call.join(texts.stream().map(Text::kept).toList(), FEATURES);
        for (int i = 0; i < texts.size(); i++) {
            Text text = texts.get(i);
            int first = joined.starts()[i] * FEATURES;
            assertArrayEquals(text.keys(), Transfers.read(queue, joined.keys(), first, new float[text.keys().length]));
            assertArrayEquals(text.values(),
                    Transfers.read(queue, joined.values(), first, new float[text.values().length]));
        }
        call.give(joined);
        call.endCall();
    }

    private static List<Text> some(Random random, List<Text> texts, int most) {
        List<Text> some = new ArrayList<>();
        for (int i = 1 + random.nextInt(most); i > 0; i--) {
            some.add(texts.get(random.nextInt(texts.size())));
        }
        return some;
    }

    /** Without a limit, and with some so small that blocks go to the host and come back all the time. */
    @Test
    void whateverIsDoneTheValuesStay() {
        for (long limit : new long[] {Long.MAX_VALUE, 20_000, 2000, 0}) {
            store = store(limit);
            Random random = new Random(limit);
            List<Text> texts = new ArrayList<>(List.of(Text.NONE));
            for (int step = 0; step < STEPS; step++) {
                List<Text> chosen = some(random, texts, 6);
                switch (random.nextInt(5)) {
                    case 0 -> store.putOut();
                    case 1 -> chosen.stream().filter(text -> text.kept() != null).forEach(Text::check);
                    case 2 -> {
                        chosen.removeIf(text -> text.kept() == null);
                        if (!chosen.isEmpty()) {
                            join(chosen);
                        }
                    }
                    case 3 -> texts.addAll(append(random, chosen, 7));
                    default -> {
                        Text gone = texts.get(random.nextInt(texts.size()));
                        if (gone.kept() != null && texts.size() > 20) {
                            gone.kept().release();
                            texts.remove(gone);
                        }
                    }
                }
                assertTrue(store.bytes() <= limit, "limit " + limit + ", step " + step + ": " + store.bytes()
                        + " bytes");
            }
            texts.stream().filter(text -> text.kept() != null).forEach(text -> text.kept().release());
            assertEquals(0, store.bytes());
            store.close();
        }
    }

    /** What fits moves nowhere: the block that a call is about to use is none that it puts out. */
    @Test
    void pastsWithinTheLimitStayWhereTheyAre() {
        store = store(40_000);
        Random random = new Random(6);
        List<Text> layers = new ArrayList<>(append(random, List.of(Text.NONE, Text.NONE), 9));
        while (store.bytes() < 20_000) {
            layers.addAll(append(random, List.of(Text.NONE), 9));
        }
        for (int step = 0; step < 20; step++) {
            for (Text text : layers) {
                join(List.of(text));
                assertTrue(((DeviceKeyValues) text.kept()).block().isOnDevice());
            }
        }
        store.close();
    }

    /** What was made in a call that still runs can be read, though the reader has a queue of its own. */
    @Test
    void whatIsStillBeingMadeIsReadWhenItIsDone() {
        long reading = context.createQueue();
        store = new KeyValueStore(context, reading, Long.MAX_VALUE, () -> { });
        Random random = new Random(7);
        float[] keys = floats(random, 2000);
        float[] values = floats(random, 2000);
        for (int i = 0; i < 50; i++) {
            KeyValueRunner call = call();
            try (DeviceMatrix k = matrix(keys); DeviceMatrix v = matrix(values)) {
                KeyValues kept = call.append(null, k, v, new int[] {0, 2000}).getFirst();
                assertArrayEquals(values, kept.values());
                assertArrayEquals(keys, kept.keys());
                kept.release();
            }
            call.endCall();
        }
        assertEquals(0, store.bytes());
        context.releaseQueue(reading);
    }

    @Test
    void thoseOfAnotherStoreOrOfOtherFeaturesAreRefused() {
        List<Text> texts = append(new Random(8), List.of(Text.NONE), 9);
        KeyValueRunner same = call();
        assertThrows(IllegalArgumentException.class, () -> same.join(List.of(texts.getFirst().kept()), FEATURES + 1));
        assertEquals(0, same.join(List.of(), FEATURES).starts().length);
        KeyValueRunner other = new KeyValueRunner(store(0), queue, pool, kernels, transfers);
        assertEquals("Keys and values that are kept are those of another model.",
                assertThrows(IllegalArgumentException.class,
                        () -> other.join(List.of(texts.getFirst().kept()), FEATURES)).getMessage());
    }

    @Test
    void aBlockLivesAsLongAsOneOfItsTexts() {
        Random random = new Random(1);
        List<Text> texts = append(random, List.of(Text.NONE, Text.NONE, Text.NONE), 9);
        long bytes = store.bytes();
        assertTrue(bytes > 0);
        texts.get(1).kept().release();
        texts.get(1).kept().release();
        texts.get(0).kept().release();
        assertEquals(bytes, store.bytes());
        texts.get(2).check();
        List<Text> longer = append(random, texts.subList(2, 3), 9);
        texts.get(2).kept().release();
        longer.getFirst().check();
        String message = assertThrows(IllegalStateException.class, () -> texts.get(2).kept().keys()).getMessage();
        assertEquals("These keys and values were released.", message);
        assertThrows(IllegalStateException.class, () -> append(random, texts.subList(2, 3), 9));
        assertThrows(IllegalStateException.class, () -> join(texts.subList(2, 3)));
        longer.getFirst().kept().release();
        assertEquals(0, store.bytes());
    }

    @Test
    void whatNobodyHoldsGoesWithTheGarbage() throws Exception {
        List<Text> held = append(new Random(2), List.of(Text.NONE), 9);
        long bytes = store.bytes();
        for (int i = 0; i < 20; i++) {
            append(new Random(i), held, 9);
        }
        assertTrue(store.bytes() > bytes);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (store.bytes() > bytes && System.nanoTime() < end) {
            System.gc();
            Thread.sleep(10);
        }
        assertEquals(bytes, store.bytes());
        held.getFirst().check();
    }

    @Test
    void afterTheModelIsClosedTheyAreGoneAndSaySo() {
        List<Text> onHost = append(new Random(3), List.of(Text.NONE), 9);
        store.putOut();
        List<Text> onDevice = append(new Random(4), List.of(Text.NONE), 9);
        store.close();
        onHost.getFirst().check();
        assertEquals("The model is closed, and the keys and values that it kept on " + context.device().name()
                + " are gone with it.",
                assertThrows(IllegalStateException.class, () -> onDevice.getFirst().kept().values()).getMessage());
        onDevice.getFirst().kept().release();
    }

    @Test
    void whatIsTooLargeIsRefusedAndLeavesNothing() {
        assertEquals("2000000 tokens of 2000 values each are more than one call can hold; give fewer texts at a time.",
                assertThrows(IllegalArgumentException.class, () -> store.create(2_000_000, 2000, queue)).getMessage());
        assertEquals(0, store.bytes());
        KeyValueRunner call = call();
        int[] starts = {0, 3};
        try (DeviceMatrix k = matrix(new float[3 * FEATURES]); DeviceMatrix v = matrix(new float[3 * FEATURES])) {
            KeyValueBlock block = ((DeviceKeyValues) call.append(null, k, v, starts).getFirst()).block();
            // A call that runs keeps it there, also when everything else goes.
            store.putOut();
            assertTrue(block.isOnDevice());
        }
        call.endCall();
    }
}
