package dev.bert4j.backend.opencl;

import static org.lwjgl.system.MemoryUtil.NULL;

import dev.bert4j.backend.KeyValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.lwjgl.opencl.CL10;

/**
 * Puts keys and values of several texts one after the other, on the device: those that are kept, and those that a call
 * adds. Where they came from goes up once a call, not once a layer.
 */
final class KeyValueRunner {
    /** Work-items of a group; each copies a value of a key, and one of a value. */
    private static final int GROUP = 64;
    /** In a table, a row that another run of the kernel fills. */
    private static final int ELSEWHERE = Integer.MIN_VALUE;

    private final KeyValueStore store;
    private final long queue;
    private final BufferPool pool;
    private final Kernels kernels;
    private final Transfers transfers;

    private final List<KeyValueBlock> used = new ArrayList<>();
    private final List<Table> tables = new ArrayList<>();

    KeyValueRunner(KeyValueStore store, long queue, BufferPool pool, Kernels kernels, Transfers transfers) {
        this.store = store;
        this.queue = queue;
        this.pool = pool;
        this.kernels = kernels;
        this.transfers = transfers;
    }

    private record Table(int[] rows, long buffer) {
    }

    /**
     * Keys and values of some texts.
     *
     * @param starts the row where each text begins
     * @param owned whether the buffers are the pool's, to be given back
     */
    record Joined(long keys, long values, int[] starts, boolean owned) {
    }

    /** What is kept of each text, null for nothing, and the new tokens of each behind it. */
    List<KeyValues> append(List<KeyValues> past, DeviceMatrix k, DeviceMatrix v, int[] starts) {
        int texts = starts.length - 1;
        if (texts == 0) {
            return List.of();
        }
        List<DeviceKeyValues> before = new ArrayList<>();
        int[] places = new int[texts + 1];
        for (int text = 0; text < texts; text++) {
            DeviceKeyValues of = past == null ? null : (DeviceKeyValues) past.get(text);
            before.add(of);
            int length = (of == null ? 0 : of.length()) + starts[text + 1] - starts[text];
            places[text + 1] = Math.addExact(places[text], length);
        }
        KeyValueBlock block = store.create(places[texts], k.features());
        used.add(block);
        copy(before, k.buffer(), v.buffer(), starts, places, block.keys, block.values, block.features);
        List<KeyValues> longer = new ArrayList<>();
        for (int text = 0; text < texts; text++) {
            longer.add(new DeviceKeyValues(store, block, places[text], places[text + 1] - places[text]));
        }
        return longer;
    }

    /** What is kept of all texts: where it lies if that is one block, or else a copy. */
    Joined join(List<KeyValues> kept) {
        List<DeviceKeyValues> texts = kept.stream().map(DeviceKeyValues.class::cast).toList();
        if (texts.stream().allMatch(text -> text.block() == texts.getFirst().block())) {
            KeyValueBlock block = use(texts.getFirst().block());
            return new Joined(block.keys, block.values, texts.stream().mapToInt(DeviceKeyValues::first).toArray(),
                    false);
        }
        int[] places = new int[texts.size() + 1];
        for (int text = 0; text < texts.size(); text++) {
            places[text + 1] = Math.addExact(places[text], texts.get(text).length());
        }
        int features = texts.getFirst().features();
        long bytes = DeviceMatrix.bytes(places[texts.size()], features);
        long keys = pool.take(bytes);
        long values = pool.take(bytes);
        copy(texts, NULL, NULL, new int[places.length], places, keys, values, features);
        return new Joined(keys, values, Arrays.copyOf(places, texts.size()), true);
    }

    /** Takes back what {@link #join} gave, when the commands that read it are in the queue. */
    void give(Joined joined) {
        if (joined.owned()) {
            pool.give(joined.keys());
            pool.give(joined.values());
        }
    }

    private KeyValueBlock use(KeyValueBlock block) {
        store.use(block);
        used.add(block);
        return block;
    }

    /** One run of the kernel for every block that something comes from; the first fills the new rows as well. */
    private void copy(List<DeviceKeyValues> before, long k, long v, int[] starts, int[] places, long keys, long values,
            int features) {
        int rows = places[before.size()];
        Map<KeyValueBlock, int[]> sources = new IdentityHashMap<>();
        List<KeyValueBlock> order = new ArrayList<>(before.stream().filter(Objects::nonNull)
                .map(DeviceKeyValues::block).distinct().toList());
        if (order.isEmpty()) {
            order.add(null);
        }
        for (KeyValueBlock block : order) {
            int[] table = new int[rows];
            Arrays.fill(table, ELSEWHERE);
            sources.put(block, table);
        }
        for (int text = 0; text < before.size(); text++) {
            DeviceKeyValues of = before.get(text);
            int row = places[text];
            for (int i = 0; of != null && i < of.length(); i++) {
                sources.get(of.block())[row++] = of.first() + i;
            }
            for (int i = starts[text]; i < starts[text + 1]; i++) {
                sources.get(order.getFirst())[row++] = -1 - i;
            }
        }
        for (KeyValueBlock block : order) {
            if (block != null) {
                use(block);
            }
            if (rows > 0) {
                kernels.get(KernelSources.TOKENS, "", "append").buffer(block == null ? NULL : block.keys)
                        .buffer(block == null ? NULL : block.values).buffer(k).buffer(v).buffer(keys).buffer(values)
                        .buffer(onDevice(sources.get(block))).ints(rows, features)
                        .run(queue, Math.ceilDiv(rows * features, GROUP), GROUP, 1, 1);
            }
        }
    }

    /** A table in a buffer, the same for every layer where the texts came about in the same way. */
    private long onDevice(int[] rows) {
        for (Table table : tables) {
            if (Arrays.equals(table.rows(), rows)) {
                return table.buffer();
            }
        }
        Table table = new Table(rows, transfers.up(rows));
        tables.add(table);
        return table.buffer();
    }

    /** Leaves what the call used. */
    void endCall() {
        if (!used.isEmpty()) {
            // Commonly nothing is left to wait for. After a call that failed half-way, something may be.
            CL10.clFinish(queue);
        }
        used.forEach(store::leave);
        used.clear();
        tables.forEach(table -> pool.give(table.buffer()));
        tables.clear();
    }
}
