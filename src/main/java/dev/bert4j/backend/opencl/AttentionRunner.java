package dev.bert4j.backend.opencl;

import static org.lwjgl.system.MemoryUtil.NULL;

import dev.bert4j.backend.AttentionSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Runs the attention kernel. What it is told of the texts goes up once a call, not once a layer. */
final class AttentionRunner {
    /** A work-item keeps two arrays of a head's values; compilers of drivers end the process where they are huge. */
    private static final int MOST_HEAD_SIZE = 8192;
    /** Queries of a work-group. With the scores of a block of keys they take half of the least local memory. */
    private static final int QUERIES = 32;
    private static final int KEY_BLOCK = 128;
    private static final int ROW_BYTES = 8 << 10;

    private final OpenClDevice device;
    private final long queue;
    private final BufferPool pool;
    private final Kernels kernels;
    private final Transfers transfers;

    private final List<Prepared> all = new ArrayList<>();

    AttentionRunner(OpenClDevice device, long queue, BufferPool pool, Kernels kernels, Transfers transfers) {
        this.device = device;
        this.queue = queue;
        this.pool = pool;
        this.kernels = kernels;
        this.transfers = transfers;
    }

    /**
     * Tables on the device: texts, tiles, visible keys and masks. There are two where a decoder has cross-attention, or
     * some queries alone are needed of the last layer.
     */
    private record Prepared(AttentionSpec spec, int[] keysFrom, AttentionTables tables, long[] buffers) {
        boolean isOf(AttentionSpec other, int[] from) {
            return spec.starts() == other.starts() && spec.keyStarts() == other.keyStarts()
                    && spec.masks() == other.masks() && Arrays.equals(keysFrom, from);
        }
    }

    /**
     * Attention of all heads of all texts.
     *
     * @param keysFrom the row of k and v where those of each text begin
     * @param relative NULL, or the table of relative positions
     */
    void run(long q, long k, long v, long y, AttentionSpec spec, int[] keysFrom, long relative,
            float[] probabilities) {
        if (spec.starts()[spec.texts()] == 0) {
            return;
        }
        Prepared prepared = prepare(spec, keysFrom);
        long[] buffers = prepared.buffers();
        long texts = buffers[0];
        long scores = NULL;
        if (probabilities != null) {
            texts = transfers.up(prepared.tables().withProbabilities(spec).texts());
            // Where no kernel writes, behind the keys that a query sees, they are 0.
            scores = transfers.up(new float[probabilities.length]);
        }
        long factors = spec.headMask() == null ? NULL : transfers.up(spec.headMask());
        kernels.get(KernelSources.ATTENTION, macros(spec), "attention").buffer(q).buffer(k).buffer(v).buffer(y)
                .buffer(texts).buffer(buffers[1]).buffer(buffers[2]).buffer(buffers[3]).buffer(factors).buffer(scores)
                .buffer(relative).ints(spec.relative() == null ? 0 : spec.relative().positions(), spec.heads())
                .number(spec.scale()).ints(factors == NULL ? 0 : 1, scores == NULL ? 0 : 1)
                .run(queue, prepared.tables().tiles().length / 4, QUERIES, spec.heads(), 1);
        if (factors != NULL) {
            pool.give(factors);
        }
        if (scores != NULL) {
            transfers.down(scores, probabilities);
            pool.give(scores);
            pool.give(texts);
        }
    }

    private String macros(AttentionSpec spec) {
        int size = spec.headSize();
        if (size > MOST_HEAD_SIZE) {
            throw new IllegalStateException("Heads of " + size + " values are more than OpenCL devices keep for a"
                    + " query; " + MOST_HEAD_SIZE + " is the most. Use another backend.");
        }
        long local = (long) KEY_BLOCK * QUERIES * Float.BYTES + Math.max(ROW_BYTES, (long) size * Float.BYTES);
        if (local > device.localMemory()) {
            throw new IllegalStateException("Attention with heads of " + size + " values takes " + local + " bytes of"
                    + " local memory, and work-groups of the OpenCL device " + device.name() + " share "
                    + device.localMemory() + ".");
        }
        int relative = spec.relative() == null ? 0 : spec.relative().withKeys() ? 2 : 1;
        int tileKeys = Math.clamp(ROW_BYTES / Float.BYTES / size, 1, 32);
        return " -DHEAD_SIZE=" + size + " -DRELATIVE=" + relative + " -DQUERIES=" + QUERIES + " -DTILE_KEYS="
                + tileKeys;
    }

    /** Brings the tables up, unless an earlier layer did. */
    private Prepared prepare(AttentionSpec spec, int[] keysFrom) {
        for (Prepared prepared : all) {
            if (prepared.isOf(spec, keysFrom)) {
                return prepared;
            }
        }
        AttentionTables made = AttentionTables.of(spec, keysFrom, QUERIES);
        Prepared prepared = new Prepared(spec, keysFrom, made, new long[] {transfers.up(made.texts()),
            transfers.up(made.tiles()), transfers.up(made.visible()), transfers.up(made.masks())});
        all.add(prepared);
        return prepared;
    }

    /** Gives back what belongs to the texts of this call. */
    void endCall() {
        all.forEach(prepared -> Arrays.stream(prepared.buffers()).forEach(pool::give));
        all.clear();
    }
}
