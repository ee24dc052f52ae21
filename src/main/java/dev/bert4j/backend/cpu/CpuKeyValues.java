package dev.bert4j.backend.cpu;

import dev.bert4j.backend.KeyValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Keys and values in chunks of 32 tokens on the Java heap, laid out as token panels, {@code [feature][lane]}.
 *
 * <p>Whoever appends shares all chunks that are there. In the last one, the first to come takes the free lanes in
 * place, which those who see fewer lanes never read; a second one, a beam that parts from another, copies that chunk.
 */
public final class CpuKeyValues implements KeyValues {
    /** Tokens of a chunk. */
    public static final int LANES = 32;

    private final int length;
    private final int features;
    private final Chunk[] chunks;

    private CpuKeyValues(int length, int features, Chunk[] chunks) {
        this.length = length;
        this.features = features;
        this.chunks = chunks;
    }

    /** Some tokens, of which {@code used} lanes belong to somebody. */
    private record Chunk(float[] keys, float[] values, AtomicInteger used) {
        static Chunk empty(int features) {
            return new Chunk(new float[features * LANES], new float[features * LANES], new AtomicInteger());
        }

        Chunk copy(int lanes) {
            return new Chunk(keys.clone(), values.clone(), new AtomicInteger(lanes));
        }
    }

    /** Where tokens come from. */
    @FunctionalInterface
    public interface Source {
        /**
         * Writes {@code count} tokens from {@code token} on into a chunk: the value of feature f of the first to
         * element {@code f * LANES + lane}, and the others behind it.
         */
        void copy(int token, int count, float[] keys, float[] values, int lane);
    }

    /**
     * What is kept of each text, and its tokens of an activation.
     *
     * @param past for each text, with null for nothing; or null for nothing of any
     * @param starts where each text begins among the tokens, and at the end their number
     * @param source of the tokens, counted through all texts
     */
    public static List<KeyValues> append(List<KeyValues> past, int features, int[] starts, Source source) {
        List<KeyValues> longer = new ArrayList<>();
        for (int text = 0; text < starts.length - 1; text++) {
            int start = starts[text];
            longer.add(append(past == null ? null : (CpuKeyValues) past.get(text), features, starts[text + 1] - start,
                    (token, count, keys, values, lane) -> source.copy(start + token, count, keys, values, lane)));
        }
        return longer;
    }

    /** What is kept, or null for nothing, and {@code count} tokens behind it. */
    private static CpuKeyValues append(CpuKeyValues past, int features, int count, Source source) {
        int before = past == null ? 0 : past.length;
        int length = Math.addExact(before, count);
        Chunk[] chunks = past == null ? new Chunk[0] : past.chunks;
        chunks = Arrays.copyOf(chunks, Math.ceilDiv(length, LANES));
        for (int token = before; token < length;) {
            int lane = token % LANES;
            int here = Math.min(LANES - lane, length - token);
            int i = token / LANES;
            chunks[i] = lane == 0 ? Chunk.empty(features) : chunks[i];
            if (!chunks[i].used.compareAndSet(lane, lane + here)) {
                chunks[i] = chunks[i].copy(lane + here);
            }
            source.copy(token - before, here, chunks[i].keys, chunks[i].values, lane);
            token += here;
        }
        return new CpuKeyValues(length, features, chunks);
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public int features() {
        return features;
    }

    /** The keys of chunk i, tokens {@code [i * LANES, (i + 1) * LANES)}; only to be read. */
    public float[] keys(int chunk) {
        return chunks[chunk].keys;
    }

    /** The values of chunk i. */
    public float[] values(int chunk) {
        return chunks[chunk].values;
    }

    @Override
    public float[] keys() {
        return rows(Chunk::keys);
    }

    @Override
    public float[] values() {
        return rows(Chunk::values);
    }

    private float[] rows(Function<Chunk, float[]> part) {
        float[] rows = new float[Math.multiplyExact(length, features)];
        for (int token = 0; token < length; token++) {
            float[] values = part.apply(chunks[token / LANES]);
            for (int f = 0; f < features; f++) {
                rows[token * features + f] = values[f * LANES + token % LANES];
            }
        }
        return rows;
    }
}
