package dev.bert4j.backend;

import dev.bert4j.weights.WeightTensor;

/** What runs a model: the scalar reference, Vector API kernels, and others to come. Thread-safe. */
public interface Backend extends AutoCloseable {
    /** The name that chooses it, {@code vector} for one. */
    String name();

    /** One line for a person: widths, threads, device. */
    String description();

    /** Where it computes: {@code cpu}, or a device as {@link Devices} takes it, {@code opencl:0}. */
    default String device() {
        return Devices.CPU;
    }

    /** Takes a weight as it lies in its file. */
    Parameter parameter(WeightTensor weight);

    /** Says that nothing more will be asked for before the first session, so that what is slow may be made ready. */
    default void prepare() {
    }

    /** A session for a call on {@code tokens} tokens. */
    Session open(int tokens);

    /** Stops its threads. No session may be open. */
    @Override
    void close();
}
