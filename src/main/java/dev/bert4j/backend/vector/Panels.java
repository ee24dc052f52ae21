package dev.bert4j.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

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

    /** Copies {@code count} tokens from a token on to a panel on the heap, from one of its lanes on. */
    void copyTo(int token, int count, float[] panel, int panelLanes, int lane) {
        int lanes = session.lanes();
        for (int done = 0; done < count;) {
            int here = Math.min(lanes - (token + done) % lanes, count - done);
            long from = offset(token + done);
            for (int f = 0; f < features; f++) {
                MemorySegment.copy(memory, JAVA_FLOAT, from + f * laneBytes(), panel, f * panelLanes + lane + done,
                        here);
            }
            done += here;
        }
    }

    @Override
    public void close() {
        session.release(memory);
    }
}
