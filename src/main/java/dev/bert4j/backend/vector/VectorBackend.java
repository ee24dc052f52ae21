package dev.bert4j.backend.vector;

import dev.bert4j.backend.Backend;
import dev.bert4j.backend.Parameter;
import dev.bert4j.backend.Session;
import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Workers;
import dev.bert4j.weights.WeightTensor;
import java.util.concurrent.ConcurrentLinkedQueue;
import jdk.incubator.vector.FloatVector;

/** Vector API kernels over token panels, reading the weights in place. */
public final class VectorBackend implements Backend {
    /** The name that chooses it. */
    public static final String NAME = "vector";
    /** The narrowest vector that there are kernels for. */
    private static final int MIN_BITS = 128;
    /** The widest. */
    private static final int MAX_BITS = 512;

    private final Workers workers;
    private final int wide;
    private final int narrow;
    private final ConcurrentLinkedQueue<VectorSession> idle = new ConcurrentLinkedQueue<>();

    /** Kernels of the width that the JVM prefers on this CPU, on that many threads. */
    public VectorBackend(int threads) {
        this(threads, Math.clamp(FloatVector.SPECIES_PREFERRED.vectorBitSize(), MIN_BITS, MAX_BITS));
    }

    /** Kernels of at most {@code bits} bits: 128, 256 or 512. */
    VectorBackend(int threads, int bits) {
        workers = new Workers(threads);
        wide = bits;
        // Few tokens fill a narrow vector better.
        narrow = Math.max(bits / 2, MIN_BITS);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        int threads = workers.threads();
        return "Vector API, " + wide + " bits, " + threads + (threads == 1 ? " thread" : " threads");
    }

    @Override
    public Parameter parameter(WeightTensor weight) {
        return new CpuParameter(weight);
    }

    @Override
    public Session open(int tokens) {
        // Taken here and not when a model is opened: most programs need one width only.
        Kernels kernels = Kernels.of(tokens <= narrow / Float.SIZE ? narrow : wide);
        int lanes = tokens <= kernels.vectorLanes() ? kernels.vectorLanes() : 2 * kernels.vectorLanes();
        VectorSession session = idle.poll();
        return (session != null ? session : new VectorSession(this, workers)).begin(kernels, lanes);
    }

    /** Keeps a session for the next call, but not one for every caller that ever came at the same time. */
    void release(VectorSession session) {
        if (idle.size() < Math.max(2, workers.threads())) {
            idle.offer(session);
        }
    }

    @Override
    public void close() {
        workers.close();
    }
}
