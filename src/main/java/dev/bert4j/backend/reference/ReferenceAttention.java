package dev.bert4j.backend.reference;

import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.cpu.CpuParameter;
import java.lang.foreign.MemorySegment;

/** Attention of one query after the other, as the definition has it. */
final class ReferenceAttention {
    /** Keys of a block, counted from the start of the text. Part of the definition of the result. */
    private static final int KEY_BLOCK = 128;

    private final AttentionSpec spec;
    private final Matrix q;
    private final Matrix k;
    private final Matrix v;
    private final Matrix out;
    private final float[] probabilities;
    private final float[] relativeTable;

    ReferenceAttention(AttentionSpec spec, Matrix q, Matrix k, Matrix v, Matrix out, float[] probabilities) {
        this.spec = spec;
        this.q = q;
        this.k = k;
        this.v = v;
        this.out = out;
        this.probabilities = probabilities;
        this.relativeTable = spec.relative() == null ? null : table(spec);
    }

    private static float[] table(AttentionSpec spec) {
        float[] table = new float[(2 * spec.relative().positions() - 1) * spec.headSize()];
        ((CpuParameter) spec.relative().table()).copyTo(0, MemorySegment.ofArray(table), table.length);
        return table;
    }

    /** Computes one head of one text. */
    void run(int text, int head) {
        for (int query = 0; query < spec.length(text); query++) {
            run(text, head, query);
        }
    }

    private void run(int text, int head, int query) {
        int start = spec.starts()[text];
        int firstKey = spec.keyStarts()[text];
        int keys = spec.mask().visibleKeys(text, spec.keys(text));
        float[] scores = scores(text, head, query, keys);
        float[] context = new float[spec.headSize()];
        float maximum = -Float.MAX_VALUE;
        float sum = 0;
        for (int from = 0; from < keys; from += KEY_BLOCK) {
            int to = Math.min(from + KEY_BLOCK, keys);
            float before = maximum;
            for (int key = from; key < to; key++) {
                maximum = scores[key] > maximum ? scores[key] : maximum;
            }
            float factor = ScalarMath.exp(before - maximum);
            float[] p = new float[to - from];
            float blockSum = 0;
            for (int key = from; key < to; key++) {
                p[key - from] = ScalarMath.exp(scores[key] - maximum);
                blockSum += p[key - from];
            }
            sum = Math.fma(sum, factor, blockSum);
            for (int d = 0; d < context.length; d++) {
                float c = from == 0 ? 0 : context[d] * factor;
                for (int key = from; key < to; key++) {
                    c = Math.fma(v.get(head * context.length + d, firstKey + key), p[key - from], c);
                }
                context[d] = c;
            }
        }
        float inverse = 1 / sum * spec.headFactor(head);
        for (int d = 0; d < context.length; d++) {
            out.set(head * context.length + d, start + query, context[d] * inverse);
        }
        if (probabilities != null) {
            int row = spec.probabilitiesStart(text) + (head * spec.length(text) + query) * spec.keys(text);
            for (int key = 0; key < keys; key++) {
                probabilities[row + key] = ScalarMath.exp(scores[key] - maximum) * inverse;
            }
        }
    }

    private float[] scores(int text, int head, int query, int keys) {
        int start = spec.starts()[text];
        int firstKey = spec.keyStarts()[text];
        int size = spec.headSize();
        float[] mask = spec.mask().additive()[text];
        int maskRow = spec.mask().perQuery() ? query * spec.keys(text) : 0;
        float[] scores = new float[keys];
        for (int key = 0; key < keys; key++) {
            float dot = 0;
            for (int d = 0; d < size; d++) {
                dot = Math.fma(k.get(head * size + d, firstKey + key), q.get(head * size + d, start + query), dot);
            }
            if (relativeTable != null) {
                int row = spec.relative().row(query, key);
                dot += dot(row, q, head, start + query);
                if (spec.relative().withKeys()) {
                    dot += dot(row, k, head, firstKey + key);
                }
            }
            scores[key] = Math.fma(dot, spec.scale(), mask == null ? 0 : mask[maskRow + key]);
        }
        return scores;
    }

    /** A row of the relative positions times a token's features of a head. */
    private float dot(int row, Matrix x, int head, int token) {
        int size = spec.headSize();
        float dot = 0;
        for (int d = 0; d < size; d++) {
            dot = Math.fma(relativeTable[row * size + d], x.get(head * size + d, token), dot);
        }
        return dot;
    }
}
