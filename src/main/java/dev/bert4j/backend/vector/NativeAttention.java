package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.Floats.segmentOrNull;

import dev.bert4j.backend.AttentionMask;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.cpu.Floats;
import dev.bert4j.backend.nativecpu.FloatKernels;

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

    /**
     * The context of {@code used} queries in a panel, from one of its lanes on, of as many keys of their text.
     *
     * @param scratch gets the context, from {@code at} on
     * @param maskAt where there is room in scratch for a value for each key
     */
    void attend(AttentionSpec spec, int text, int head, Panels q, int panel, int lane, int used, KeyPanels kv, int keys,
            Floats scratch, int at, int maskAt) {
        KeyPanels.OfCall ofCall = (KeyPanels.OfCall) kv;
        int feature = head * spec.headSize();
        int keysAt = kv.keysAt(0, feature);
        float[] mask = spec.masks().get(text).additive();
        if (mask != null) {
            // A copy, which takes no time, for a segment over the mask itself would be an object for every head.
            System.arraycopy(mask, 0, scratch.values(), maskAt, keys);
        }
        natives.attention(q.floats().segment(), 4L * (q.at(panel, feature) + lane), q.lanes(), used,
                ofCall.keys().segment(), 4L * keysAt, ofCall.values().segment(), 4L * kv.valuesAt(0, feature),
                kv.keysAt(1, feature) - keysAt, kv.lanes(), kv.first(text), keys, spec.headSize(), spec.scale(),
                segmentOrNull(mask == null ? null : scratch), 4L * maskAt, spec.headFactor(head), scratch.segment(),
                4L * at);
    }
}
