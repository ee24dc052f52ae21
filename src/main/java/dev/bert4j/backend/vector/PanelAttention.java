package dev.bert4j.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.bert4j.backend.AttentionMask;
import dev.bert4j.backend.AttentionSpec;
import java.lang.foreign.MemorySegment;

/**
 * Attention over token panels: both of its products are the matrix product of the linear layers, with the queries of a
 * panel in the lanes and the keys and values of the text broadcast from their own panels.
 *
 * <p>Keys are taken in blocks with a running maximum and sum, so that memory does not grow with the square of the
 * length. A panel may hold tokens of several texts: then it is computed for each of them, and only the lanes of the
 * text are written.
 */
final class PanelAttention {
    /** Keys of a block, counted from the start of the text. Part of the definition of the result. */
    static final int KEY_BLOCK = 128;

    private final Kernels kernels;
    private final AttentionSpec spec;
    private final Panels q;
    private final KeyPanels kv;
    private final Kernels.Product product;
    private final Panels out;
    private final float[] probabilities;
    private final RelativeScores relative;
    private final int lanes;
    private final long laneBytes;

    PanelAttention(Kernels kernels, AttentionSpec spec, Panels q, KeyPanels kv, Panels out, float[] probabilities,
            int lanes) {
        this.kernels = kernels;
        this.spec = spec;
        this.q = q;
        this.kv = kv;
        this.product = kv.product();
        this.out = out;
        this.probabilities = probabilities;
        this.lanes = lanes;
        this.laneBytes = q.laneBytes();
        this.relative = spec.relative() == null ? null : new RelativeScores(kernels, spec, kv, lanes);
    }

    /** Bytes of scratch that {@link #run} needs. */
    long scratchBytes() {
        return ownBytes() + (relative == null ? 0 : relative.scratchBytes());
    }

    private long ownBytes() {
        return (KEY_BLOCK + spec.headSize() + Softmax.STATE_ROWS + 1) * laneBytes;
    }

    /** The panels in which a text has queries: a task for each of them and each head. */
    int panels(int text) {
        if (spec.length(text) == 0) {
            return 0;
        }
        return (spec.starts()[text + 1] - 1) / lanes - spec.starts()[text] / lanes + 1;
    }

    /** Computes one head of one text for the queries of its n-th panel. */
    void run(int text, int head, int n, MemorySegment scratch) {
        int start = spec.starts()[text];
        int end = spec.starts()[text + 1];
        int panel = start / lanes + n;
        attend(text, head, panel, Math.max(start - panel * lanes, 0), Math.min(end - panel * lanes, lanes), scratch);
    }

    /** For the queries in the lanes {@code [from, to)} of a panel. */
    private void attend(int text, int head, int panel, int from, int to, MemorySegment scratch) {
        int vectorLanes = kernels.vectorLanes();
        int firstVector = from / vectorLanes;
        int vectors = Math.ceilDiv(to, vectorLanes) - firstVector;
        long column = (long) firstVector * vectorLanes * Float.BYTES;

        MemorySegment scores = rows(scratch, 0, KEY_BLOCK, column);
        MemorySegment context = rows(scratch, KEY_BLOCK, spec.headSize(), column);
        MemorySegment state = rows(scratch, KEY_BLOCK + spec.headSize(), Softmax.STATE_ROWS, column);
        MemorySegment maskRow = rows(scratch, KEY_BLOCK + spec.headSize() + Softmax.STATE_ROWS, 1, column);
        MemorySegment queries = q.rows(panel, head * spec.headSize(), spec.headSize()).asSlice(column);
        Softmax softmax = kernels.softmax();

        int keys = spec.visibleKeys(text, panel * lanes + to - 1 - spec.starts()[text]);
        softmax.begin(state, laneBytes, vectors);
        context.fill((byte) 0);
        for (int key = 0; key < keys; key += KEY_BLOCK) {
            int count = Math.min(KEY_BLOCK, keys - key);
            scores(text, head, key, count, queries, scores, vectors, maskRow, panel, from, to, column, scratch);
            softmax.block(scores, count, laneBytes, vectors, state);
            if (key > 0) {
                softmax.rescale(context, spec.headSize(), laneBytes, vectors, state);
            }
            addValues(text, head, key, count, scores, context, vectors);
        }
        float factor = spec.headFactor(head);
        softmax.finish(context, spec.headSize(), laneBytes, vectors, state, factor);
        if (to - from > 1 && spec.masks().get(text).causal() && leaks(context, state, from, to, column)) {
            for (int lane = from; lane < to; lane++) {
                attend(text, head, panel, lane, lane + 1, scratch);
            }
            return;
        }
        store(context, head, panel, from, to, vectors, column);
        if (probabilities != null) {
            for (int key = 0; key < keys; key += KEY_BLOCK) {
                int count = Math.min(KEY_BLOCK, keys - key);
                scores(text, head, key, count, queries, scores, vectors, maskRow, panel, from, to, column, scratch);
                softmax.probabilities(scores, count, laneBytes, vectors, state);
                storeProbabilities(scores, text, head, key, count, panel, from, to, column);
            }
        }
    }

    /**
     * Whether keys that only later queries of a panel see may have come to one that should not see them: a product with
     * a weight of 0 is no number if the value is none or infinite, which the first query shows, since it sees the
     * fewest keys; and hidden keys weigh something where no key that is seen scores more than they do.
     */
    private boolean leaks(MemorySegment context, MemorySegment state, int from, int to, long column) {
        for (int d = 0; d < spec.headSize(); d++) {
            if (!Float.isFinite(context.get(JAVA_FLOAT, d * laneBytes + (long) from * Float.BYTES - column))) {
                return true;
            }
        }
        for (int lane = from; lane < to; lane++) {
            long at = Softmax.MAXIMUM_ROW * laneBytes + (long) lane * Float.BYTES - column;
            if (state.get(JAVA_FLOAT, at) == -Float.MAX_VALUE) {
                return true;
            }
        }
        return false;
    }

    private MemorySegment rows(MemorySegment scratch, int first, int count, long column) {
        return scratch.asSlice(first * laneBytes + column, count * laneBytes - column);
    }

    /** The masked and scaled scores of {@code count} keys of the text from its key {@code key} on. */
    private void scores(int text, int head, int key, int count, MemorySegment queries, MemorySegment scores,
            int vectors, MemorySegment maskRow, int panel, int from, int to, long column, MemorySegment scratch) {
        scores.asSlice(0, count * laneBytes - column).fill((byte) 0);
        Gemm gemm = product.gemm(vectors);
        int size = spec.headSize();
        int panelKeys = kv.lanes();
        for (int done = 0; done < count;) {
            int token = kv.first(text) + key + done;
            int here = Math.min(panelKeys - token % panelKeys, count - done);
            MemorySegment keyRows = kv.keys(text, token / panelKeys, head * size, size)
                    .asSlice((long) (token % panelKeys) * Float.BYTES);
            gemm.accumulate(keyRows, Float.BYTES, (long) panelKeys * Float.BYTES, here, size, queries,
                    scores.asSlice(done * laneBytes), laneBytes);
            done += here;
        }
        int firstQuery = panel * lanes - spec.starts()[text];
        if (relative != null) {
            relative.add(text, head, key, count, queries, scores, vectors, firstQuery, from, to, column,
                    scratch.asSlice(ownBytes()));
        }
        AttentionMask mask = spec.masks().get(text);
        if (mask.perQuery() && mask.additive() != null) {
            scaleByQuery(mask, text, key, count, scores, vectors, maskRow, firstQuery, from, to, column);
        } else {
            kernels.softmax().scale(scores, count, laneBytes, vectors, spec.scale(), mask.additive(), key);
            if (mask.causal()) {
                hideKeysBehind(text, key, count, scores, firstQuery, from, to, column);
            }
        }
    }

    private void scaleByQuery(AttentionMask mask, int text, int key, int count, MemorySegment scores, int vectors,
            MemorySegment maskRow, int firstQuery, int from, int to, long column) {
        int row = spec.keys(text);
        maskRow.fill((byte) 0);
        for (int j = 0; j < count; j++) {
            for (int lane = from; lane < to; lane++) {
                maskRow.set(JAVA_FLOAT, (long) lane * Float.BYTES - column,
                        mask.additive()[(firstQuery + lane) * row + key + j]);
            }
            kernels.softmax().scale(scores.asSlice(j * laneBytes), 1, laneBytes, vectors, spec.scale(), maskRow);
        }
    }

    /** A key behind its query scores the lowest float. */
    private void hideKeysBehind(int text, int key, int count, MemorySegment scores, int firstQuery, int from, int to,
            long column) {
        int firstKey = firstQuery + spec.keys(text) - spec.length(text);
        for (int j = Math.max(firstKey + from + 1 - key, 0); j < count; j++) {
            for (int lane = from; lane < Math.min(to, key + j - firstKey); lane++) {
                scores.set(JAVA_FLOAT, j * laneBytes + (long) lane * Float.BYTES - column, -Float.MAX_VALUE);
            }
        }
    }

    /** {@code context[d] += Σ values[d][key] · probability[key]}. */
    private void addValues(int text, int head, int key, int count, MemorySegment scores, MemorySegment context,
            int vectors) {
        Gemm gemm = product.gemm(vectors);
        int size = spec.headSize();
        int panelKeys = kv.lanes();
        for (int done = 0; done < count;) {
            int token = kv.first(text) + key + done;
            int here = Math.min(panelKeys - token % panelKeys, count - done);
            MemorySegment values = kv.values(text, token / panelKeys, head * size, size)
                    .asSlice((long) (token % panelKeys) * Float.BYTES);
            gemm.accumulate(values, (long) panelKeys * Float.BYTES, Float.BYTES, size, here,
                    scores.asSlice(done * laneBytes), context, laneBytes);
            done += here;
        }
    }

    private void store(MemorySegment context, int head, int panel, int from, int to, int vectors, long column) {
        MemorySegment target = out.rows(panel, head * spec.headSize(), spec.headSize());
        long first = (long) from * Float.BYTES;
        // Lanes behind the last token belong to nobody, so that they may be written along.
        int last = panel * lanes + to < out.tokens() ? to
                : (int) (column / Float.BYTES) + vectors * kernels.vectorLanes();
        long length = (long) last * Float.BYTES - first;
        for (int d = 0; d < spec.headSize(); d++) {
            MemorySegment.copy(context, d * laneBytes + first - column, target, d * laneBytes + first, length);
        }
    }

    private void storeProbabilities(MemorySegment scores, int text, int head, int key, int count, int panel, int from,
            int to, long column) {
        int keys = spec.keys(text);
        int firstQuery = panel * lanes - spec.starts()[text];
        int base = spec.probabilitiesStart(text) + head * spec.length(text) * keys;
        for (int lane = from; lane < to; lane++) {
            int row = base + (firstQuery + lane) * keys + key;
            // Keys that only other queries of the panel see have none: not even the negative zero of a negative factor.
            int visible = spec.masks().get(text).causal()
                    ? Math.min(count, spec.visibleKeys(text, firstQuery + lane) - key) : count;
            for (int j = 0; j < visible; j++) {
                probabilities[row + j] = scores.get(JAVA_FLOAT, j * laneBytes + (long) lane * Float.BYTES - column);
            }
        }
    }
}
