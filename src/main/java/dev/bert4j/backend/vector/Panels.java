package dev.bert4j.backend.vector;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.cpu.Floats;

/**
 * An activation as token panels, {@code [panel][feature][lane]}: a panel is as many neighbouring tokens as one or two
 * vectors have lanes. Lanes behind the last token hold anything.
 *
 * <p>The values lie on the Java heap, in an array that is used again when the activation is closed. They begin in it
 * where a line of the cache does, as far as that is known: a vector that lies across two lines is loaded as two.
 */
final class Panels implements Activation {
    /** Values of a line of the cache, of which one fewer may lie before the first. */
    static final int LINE = 16;

    private final Workspace workspace;
    private Floats floats;
    private int start;
    private int tokens;
    private int features;
    private int lanes;

    /** Room for that many values. */
    Panels(Workspace workspace, int capacity) {
        this(workspace, new Floats(capacity + LINE));
    }

    private Panels(Workspace workspace, Floats floats) {
        this.workspace = workspace;
        this.floats = floats;
    }

    /** Without any values of its own, to {@link #show} those of others. It is never closed, for it has no workspace. */
    static Panels view() {
        return new Panels(null, null);
    }

    /** Makes a view one of so many panels of another activation, of fewer where there are not so many. */
    Panels show(Panels of, int panel, int count) {
        floats = of.floats;
        int some = Math.min(count * of.lanes, of.tokens - panel * of.lanes);
        return reshape(of.at(panel, 0), some, of.features, of.lanes);
    }

    /**
     * Makes it an activation of that shape; what it holds is left over from the last.
     *
     * @param start where its values begin in the array: below {@link #LINE}, or anywhere for a view
     */
    Panels reshape(int start, int tokens, int features, int lanes) {
        this.start = start;
        this.tokens = tokens;
        this.features = features;
        this.lanes = lanes;
        return this;
    }

    int capacity() {
        return floats.length() - LINE;
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

    /** Whether all vectors of the last panel, and so of all panels, hold tokens. */
    boolean areFull(int vectorLanes) {
        return vectors(count() - 1, vectorLanes) * vectorLanes == lanes;
    }

    /** Where a feature of a panel begins. */
    int at(int panel, int feature) {
        return start + (panel * features + feature) * lanes;
    }

    /** Where the first feature of a token lies; the next is {@link #lanes} further. */
    int at(int token) {
        return start + token / lanes * features * lanes + token % lanes;
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
