package dev.bert4j.backend.opencl;

import static org.lwjgl.system.MemoryUtil.NULL;

import dev.bert4j.backend.KeyValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.lwjgl.opencl.CL10;

/**
 * Puts keys and values of several texts one after the other, on the device: those that are kept, and those that a call
 * adds. Where they came from goes up once a call, not once a layer.
 */
final class KeyValueRunner {
    /** Work-items of a group; each copies a value of a key, and one of a value. */
    private static final int GROUP = 64;

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
            DeviceKeyValues of = past == null ? null : own(past.get(text), k.features());
            before.add(of);
            int length = (of == null ? 0 : of.length()) + starts[text + 1] - starts[text];
            places[text + 1] = Math.addExact(places[text], length);
        }
        KeyValueBlock block = store.create(places[texts], k.features(), queue);
        used.add(block);
        copy(before, k.buffer(), v.buffer(), starts, places, block.keys, block.values, block.features);
        List<KeyValues> longer = new ArrayList<>();
        for (int text = 0; text < texts; text++) {
            longer.add(new DeviceKeyValues(store, block, places[text], places[text + 1] - places[text]));
        }
        return longer;
    }

    private DeviceKeyValues own(KeyValues kept, int features) {
        if (kept != null && !(kept instanceof DeviceKeyValues of && of.isOf(store) && of.features() == features)) {
            throw new IllegalArgumentException("Keys and values that are kept are those of another model.");
        }
        return (DeviceKeyValues) kept;
    }

    /** What is kept of all texts: where it lies if that is one block, or else a copy. */
    Joined join(List<KeyValues> kept, int features) {
        List<DeviceKeyValues> texts = kept.stream().map(text -> own(text, features)).toList();
        if (texts.isEmpty()) {
            return new Joined(NULL, NULL, new int[0], false);
        }
        if (texts.stream().allMatch(text -> text.block() == texts.getFirst().block())) {
            KeyValueBlock block = use(texts.getFirst().block());
            return new Joined(block.keys, block.values, texts.stream().mapToInt(DeviceKeyValues::first).toArray(),
                    false);
        }
        int[] places = new int[texts.size() + 1];
        for (int text = 0; text < texts.size(); text++) {
            places[text + 1] = Math.addExact(places[text], texts.get(text).length());
        }
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

    /** One run of the kernel for what is new, and for every block that something comes from. */
    private void copy(List<DeviceKeyValues> before, long k, long v, int[] starts, int[] places, long keys, long values,
            int features) {
        Map<KeyValueBlock, IntStream.Builder> tables = new IdentityHashMap<>();
        List<KeyValueBlock> order = new ArrayList<>();
        IntStream.Builder added = IntStream.builder();
        for (int text = 0; text < before.size(); text++) {
            DeviceKeyValues of = before.get(text);
            int row = places[text];
            if (of != null && of.length() > 0) {
                IntStream.Builder table = tables.computeIfAbsent(of.block(), block -> {
                    order.add(block);
                    return IntStream.builder();
                });
                for (int i = 0; i < of.length(); i++) {
                    table.add(row++).add(of.first() + i);
                }
            }
            for (int i = starts[text]; i < starts[text + 1]; i++) {
                added.add(row++).add(i);
            }
        }
        copy(k, v, keys, values, added.build().toArray(), features);
        for (KeyValueBlock block : order) {
            use(block);
            copy(block.keys, block.values, keys, values, tables.get(block).build().toArray(), features);
        }
    }

    /** Copies rows, of which a table says where to and where from. */
    private void copy(long fromKeys, long fromValues, long keys, long values, int[] rows, int features) {
        if (rows.length > 0) {
            int count = rows.length / 2;
            kernels.get(KernelSources.TOKENS, "", "copy_rows").buffer(fromKeys).buffer(fromValues).buffer(keys)
                    .buffer(values).buffer(onDevice(rows)).ints(count, features)
                    .run(queue, Math.ceilDiv(count * features, GROUP), GROUP, 1, 1);
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
