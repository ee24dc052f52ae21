package dev.bert4j.backend.vector;

import dev.bert4j.backend.AttentionMask;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.nativecpu.FloatKernels;
import java.lang.foreign.MemorySegment;

/** Attention of a head in C, with the same bits, for what most calls ask; {@link PanelAttention} does the rest. */
final class NativeAttention {
    private final FloatKernels natives;

    NativeAttention(FloatKernels natives) {
        this.natives = natives;
    }

    /** Whether it is for a text: one mask for all its queries, and nothing but them and the keys of the call. */
    boolean takes(AttentionSpec spec, int text, KeyPanels kv, float[] probabilities) {
        AttentionMask mask = spec.masks().get(text);
        return probabilities == null && spec.relative() == null && kv instanceof KeyPanels.OfCall && !mask.perQuery()
                && !mask.causal();
    }

    /** The context of {@code used} queries in a panel, from one of its lanes on, of as many keys of their text. */
    void attend(AttentionSpec spec, int text, int head, Panels q, int panel, int lane, int used, KeyPanels kv, int keys,
            float[] context, int at) {
        int feature = head * spec.headSize();
        float[] mask = spec.masks().get(text).additive();
        int base = kv.at(0, feature);
        natives.attention(NativeRows.floats(q.values(), q.at(panel, feature) + lane), q.lanes(), used,
                NativeRows.floats(kv.keys(text, 0), base), NativeRows.floats(kv.values(text, 0), base),
                kv.at(1, feature) - base, kv.lanes(), kv.first(text), keys, spec.headSize(), spec.scale(),
                mask == null ? null : MemorySegment.ofArray(mask), spec.headFactor(head),
                NativeRows.floats(context, at));
    }
}
