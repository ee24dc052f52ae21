package dev.bert4j.backend.reference;

import dev.bert4j.backend.Backend;
import dev.bert4j.backend.Parameter;
import dev.bert4j.backend.Session;
import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Workers;
import dev.bert4j.weights.WeightTensor;

/** Scalar code that is the definition of what every backend computes; it needs nothing but Java. */
public final class ReferenceBackend implements Backend {
    /** The name that chooses it. */
    public static final String NAME = "reference";

    private final Workers workers;

    /** Runs on that many threads. */
    public ReferenceBackend(int threads) {
        workers = new Workers(threads);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return "scalar Java, " + workers.threads() + (workers.threads() == 1 ? " thread" : " threads");
    }

    @Override
    public Parameter parameter(WeightTensor weight) {
        return new CpuParameter(weight);
    }

    @Override
    public Session open(int tokens) {
        return new ReferenceSession(workers);
    }

    @Override
    public void close() {
        workers.close();
    }
}
