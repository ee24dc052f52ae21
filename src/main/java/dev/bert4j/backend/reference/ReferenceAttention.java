package dev.bert4j.backend.reference;

import dev.bert4j.backend.AttentionMask;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.cpu.CpuParameter;
import java.lang.foreign.MemorySegment;

/** Attention of one query after the other, as the definition has it. */
final class ReferenceAttention {
    /** Keys of a block, counted from the start of the text. Part of the definition of the result. */
    private static final int KEY_BLOCK = 128;

    private final AttentionSpec spec;
    private final Matrix q;
    private final Keys kv;
    private final Matrix out;
    private final float[] probabilities;
    private final float[] relativeTable;

    /** The keys and values of the texts, counted from the start of each. */
    interface Keys {
        float key(int text, int feature, int key);

        float value(int text, int feature, int key);
    }

    ReferenceAttention(AttentionSpec spec, Matrix q, Keys kv, Matrix out, float[] probabilities) {
        this.spec = spec;
        this.q = q;
        this.kv = kv;
        this.out = out;
        this.probabilities = probabilities;
        this.relativeTable = spec.relative() == null ? null : table(spec);
    }

    private static float[] table(AttentionSpec spec) {
        float[] table = new float[(2 * spec.relative().positions() - 1) * spec.headSize()];
        ((CpuParameter) spec.relative().table()).copyTo(0, MemorySegment.ofArray(table), 0, table.length);
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
        int keys = spec.visibleKeys(text, query);
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
                    c = Math.fma(kv.value(text, head * context.length + d, key), p[key - from], c);
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
        int size = spec.headSize();
        AttentionMask mask = spec.masks().get(text);
        float[] qs = new float[size];
        for (int d = 0; d < size; d++) {
            qs[d] = q.get(head * size + d, spec.starts()[text] + query);
        }
        float[] ks = new float[size];
        float[] scores = new float[keys];
        for (int key = 0; key < keys; key++) {
            for (int d = 0; d < size; d++) {
                ks[d] = kv.key(text, head * size + d, key);
            }
            float dot = dot(ks, 0, qs);
            if (relativeTable != null) {
                int row = spec.relative().row(spec.relativePosition(text, query), key);
                dot += dot(relativeTable, row * size, qs);
                if (spec.relative().withKeys()) {
                    dot += dot(relativeTable, row * size, ks);
                }
            }
            scores[key] = mask.score(dot, spec.scale(), query, key, spec.length(text), spec.keys(text));
        }
        return scores;
    }

    private static float dot(float[] a, int from, float[] b) {
        float dot = 0;
        for (int d = 0; d < b.length; d++) {
            dot = Math.fma(a[from + d], b[d], dot);
        }
        return dot;
    }
}
