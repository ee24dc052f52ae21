package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.Floats.segmentOrNull;

import dev.bert4j.backend.AttentionMask;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.cpu.Floats;
import dev.bert4j.backend.nativecpu.FloatKernels;
import dev.bert4j.backend.nativecpu.HalfAttention;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Attention of a head in C for what most calls ask; {@link PanelAttention} does the rest. In fp32 it has the same bits;
 * in bf16, the keys and values of a head are packed once for all queries.
 */
final class NativeAttention {
    private final FloatKernels floats;
    /** Null where there are none. */
    private final HalfAttention halves;
    private final MemorySegment[] packed;

    NativeAttention(FloatKernels floats, HalfAttention halves, int workers) {
        this.floats = floats;
        this.halves = halves;
        packed = new MemorySegment[workers];
        Arrays.fill(packed, MemorySegment.NULL);
    }

    /** Whether it is for a text: one mask for all its queries, and nothing but them and the keys of the call. */
    boolean takes(AttentionSpec spec, int text, KeyPanels kv, float[] probabilities) {
        AttentionMask mask = spec.masks().get(text);
        return probabilities == null && spec.relative() == null && kv instanceof KeyPanels.OfCall && !mask.perQuery()
                && !mask.causal();
    }

    /**
     * Whether it could be in bf16, too. Whether somebody asks for probabilities makes no difference: another text of
     * the batch may be meant.
     */
    boolean takesInHalves(AttentionSpec spec, int text, KeyPanels kv) {
        return halves != null && spec.headSize() <= HalfAttention.MOST_SIZE && spec.mayRound()
                && takes(spec, text, kv, null);
    }

    /** Packs what {@link #attendInHalves} of a worker attends to next. */
    void pack(AttentionSpec spec, int text, int head, KeyPanels kv, int keys, int worker) {
        KeyPanels.OfCall ofCall = (KeyPanels.OfCall) kv;
        int feature = head * spec.headSize();
        int keysAt = kv.keysAt(0, feature);
        packed[worker] = Workspace.aligned(packed[worker], HalfAttention.packedBytes(keys, spec.headSize()));
        halves.pack(ofCall.keys().segment(), 4L * keysAt, ofCall.values().segment(), 4L * kv.valuesAt(0, feature),
                kv.keysAt(1, feature) - keysAt, kv.lanes(), kv.first(text), keys, spec.headSize(), packed[worker], 0);
    }

    /** As {@link #attend}, to what was packed. */
    void attendInHalves(AttentionSpec spec, int text, int head, Panels q, int panel, int lane, int used, int keys,
            Floats context, int at, Floats scratch, int maskAt, int worker) {
        boolean masked = copyMask(spec, text, keys, scratch, maskAt);
        halves.attend(q.floats().segment(), 4L * (q.at(panel, head * spec.headSize()) + lane), q.lanes(), used,
                packed[worker], 0, keys, spec.headSize(), spec.scale(), segmentOrNull(masked ? scratch : null),
                4L * maskAt, spec.headFactor(head), context.segment(), 4L * at);
    }

    /**
     * The context of {@code used} queries in a panel, from one of its lanes on, of as many keys of their text.
     *
     * @param context gets it, from {@code at} on
     * @param maskAt where there is room in scratch for a value for each key
     */
    void attend(AttentionSpec spec, int text, int head, Panels q, int panel, int lane, int used, KeyPanels kv, int keys,
            Floats context, int at, Floats scratch, int maskAt) {
        KeyPanels.OfCall ofCall = (KeyPanels.OfCall) kv;
        int feature = head * spec.headSize();
        int keysAt = kv.keysAt(0, feature);
        boolean masked = copyMask(spec, text, keys, scratch, maskAt);
        floats.attention(q.floats().segment(), 4L * (q.at(panel, feature) + lane), q.lanes(), used,
                ofCall.keys().segment(), 4L * keysAt, ofCall.values().segment(), 4L * kv.valuesAt(0, feature),
                kv.keysAt(1, feature) - keysAt, kv.lanes(), kv.first(text), keys, spec.headSize(), spec.scale(),
                segmentOrNull(masked ? scratch : null), 4L * maskAt, spec.headFactor(head), context.segment(), 4L * at);
    }

    /** A copy takes no time, and a segment over the mask itself would be an object for every head. */
    private static boolean copyMask(AttentionSpec spec, int text, int keys, Floats scratch, int maskAt) {
        float[] mask = spec.masks().get(text).additive();
        if (mask != null) {
            System.arraycopy(mask, 0, scratch.values(), maskAt, keys);
        }
        return mask != null;
    }
}
