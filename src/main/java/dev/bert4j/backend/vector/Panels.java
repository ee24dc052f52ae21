package dev.bert4j.backend.vector;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.cpu.Floats;

/**
 * An activation as token panels, {@code [panel][feature][lane]}: a panel is as many neighbouring tokens as one or two
 * vectors have lanes. Lanes behind the last token hold anything.
 *
 * <p>The values lie on the Java heap, in an array that is used again when the activation is closed.
 */
final class Panels implements Activation {
    private final Workspace workspace;
    private final Floats floats;
    private int tokens;
    private int features;
    private int lanes;

    /** Room for that many values. */
    Panels(Workspace workspace, int capacity) {
        this.workspace = workspace;
        floats = new Floats(capacity);
    }

    /** Makes it an activation of that shape; what it holds is left over from the last. */
    Panels reshape(int tokens, int features, int lanes) {
        this.tokens = tokens;
        this.features = features;
        this.lanes = lanes;
        return this;
    }

    int capacity() {
        return floats.length();
    }

    @Override
    public int tokens() {
        return tokens;
    }

    @Override
    public int features() {
        return features;
    }

    /** All values. */
    float[] values() {
        return floats.values();
    }

    /** The same, also for C. */
    Floats floats() {
        return floats;
    }

    /** Tokens of a panel, and so how far one feature lies from the next. */
    int lanes() {
        return lanes;
    }

    int count() {
        return Math.ceilDiv(tokens, lanes);
    }

    /** How many vectors of so many lanes hold tokens of a panel. */
    int vectors(int panel, int vectorLanes) {
        return Math.ceilDiv(Math.min(lanes, tokens - panel * lanes), vectorLanes);
    }

    /** Where a feature of a panel begins. */
    int at(int panel, int feature) {
        return (panel * features + feature) * lanes;
    }

    /** Where the first feature of a token lies; the next is {@link #lanes} further. */
    int at(int token) {
        return token / lanes * features * lanes + token % lanes;
    }

    /** Copies {@code count} tokens from a token on to another panel, from one of its lanes on. */
    void copyTo(int token, int count, float[] panel, int panelLanes, int lane) {
        for (int done = 0; done < count;) {
            int here = Math.min(lanes - (token + done) % lanes, count - done);
            int from = at(token + done);
            for (int f = 0; f < features; f++) {
                System.arraycopy(values(), from + f * lanes, panel, f * panelLanes + lane + done, here);
            }
            done += here;
        }
    }

    @Override
    public void close() {
        workspace.give(this);
    }
}
