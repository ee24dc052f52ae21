package dev.bert4j.backend.opencl;

import static org.lwjgl.system.MemoryUtil.NULL;

import dev.bert4j.backend.AttentionMask;
import dev.bert4j.backend.AttentionSpec;
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

    private AttentionTables tables;
    private int[] starts;
    private int[] keyStarts;
    private List<AttentionMask> masks;
    private final long[] buffers = new long[4];

    AttentionRunner(OpenClDevice device, long queue, BufferPool pool, Kernels kernels, Transfers transfers) {
        this.device = device;
        this.queue = queue;
        this.pool = pool;
        this.kernels = kernels;
        this.transfers = transfers;
    }

    /** Attention of all heads of all texts; {@code relative} is NULL, or the table of relative positions. */
    void run(long q, long k, long v, long y, AttentionSpec spec, long relative, float[] probabilities) {
        if (spec.starts()[spec.texts()] == 0) {
            return;
        }
        prepare(spec);
        long texts = buffers[0];
        long scores = NULL;
        if (probabilities != null) {
            texts = transfers.up(tables.withProbabilities(spec).texts());
            // Where no kernel writes, behind the keys that a query sees, they are 0.
            scores = transfers.up(new float[probabilities.length]);
        }
        long factors = spec.headMask() == null ? NULL : transfers.up(spec.headMask());
        kernels.get(KernelSources.ATTENTION, macros(spec), "attention").buffer(q).buffer(k).buffer(v).buffer(y)
                .buffer(texts).buffer(buffers[1]).buffer(buffers[2]).buffer(buffers[3]).buffer(factors).buffer(scores)
                .buffer(relative).ints(spec.relative() == null ? 0 : spec.relative().positions(), spec.heads())
                .number(spec.scale()).ints(factors == NULL ? 0 : 1, scores == NULL ? 0 : 1)
                .run(queue, tables.tiles().length / 4, QUERIES, spec.heads(), 1);
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

    /** Brings the tables up, unless they are those of the layer before. */
    private void prepare(AttentionSpec spec) {
        if (tables != null && starts == spec.starts() && keyStarts == spec.keyStarts() && masks == spec.masks()) {
            return;
        }
        endCall();
        starts = spec.starts();
        keyStarts = spec.keyStarts();
        masks = spec.masks();
        AttentionTables made = AttentionTables.of(spec, QUERIES);
        buffers[0] = transfers.up(made.texts());
        buffers[1] = transfers.up(made.tiles());
        buffers[2] = transfers.up(made.visible());
        buffers[3] = transfers.up(made.masks());
        tables = made;
    }

    /** Gives back what belongs to the texts of this call. */
    void endCall() {
        for (int i = 0; i < buffers.length; i++) {
            if (buffers[i] != NULL) {
                pool.give(buffers[i]);
                buffers[i] = NULL;
            }
        }
        tables = null;
        starts = null;
        keyStarts = null;
        masks = null;
    }
}
