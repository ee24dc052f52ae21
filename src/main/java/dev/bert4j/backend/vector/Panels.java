package dev.bert4j.backend.vector;

import dev.bert4j.backend.Activation;
import java.lang.foreign.MemorySegment;

/**
 * An activation as token panels, {@code [panel][feature][lane]}: a panel is as many neighbouring tokens as one or two
 * vectors have lanes. Lanes behind the last token hold anything.
 */
final class Panels implements Activation {
    private final VectorSession session;
    private final MemorySegment memory;
    private final int tokens;
    private final int features;

    /** Takes memory of the session that holds at least {@link #bytes}. */
    Panels(VectorSession session, MemorySegment memory, int tokens, int features) {
        this.session = session;
        this.memory = memory;
        this.tokens = tokens;
        this.features = features;
    }

    /** Bytes that an activation needs. */
    static long bytes(int tokens, int features, int lanes) {
        return (long) Math.ceilDiv(tokens, lanes) * features * lanes * Float.BYTES;
    }

    @Override
    public int tokens() {
        return tokens;
    }

    @Override
    public int features() {
        return features;
    }

    MemorySegment memory() {
        return memory;
    }

    int count() {
        return Math.ceilDiv(tokens, session.lanes());
    }

    long laneBytes() {
        return (long) session.lanes() * Float.BYTES;
    }

    /** How many vectors of a panel hold tokens. */
    int vectors(int panel) {
        int used = Math.min(session.lanes(), tokens - panel * session.lanes());
        return Math.ceilDiv(used, session.vectorLanes());
    }

    /** The features {@code [feature, feature + rows)} of a panel. */
    MemorySegment rows(int panel, int feature, int rows) {
        return memory.asSlice(((long) panel * features + feature) * laneBytes(), rows * laneBytes());
    }

    /** Where the value of a token lies: that of its feature f is {@code f * laneBytes()} further. */
    long offset(int token) {
        int lanes = session.lanes();
        return (long) (token / lanes) * features * laneBytes() + (long) (token % lanes) * Float.BYTES;
    }

    @Override
    public void close() {
        session.release(memory);
    }
}
