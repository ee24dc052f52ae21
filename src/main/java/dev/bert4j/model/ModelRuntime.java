package dev.bert4j.model;

import dev.bert4j.backend.Backend;
import dev.bert4j.backend.Session;
import dev.bert4j.metrics.ForwardCounter;
import dev.bert4j.weights.Checkpoint;
import java.util.function.Function;

/**
 * What the modules of one model share: the backend that runs them and the checkpoint they lie in. Thread-safe.
 *
 * <p>Each call holds a lease on the checkpoint, so that a model can be closed while calls run: they finish, later ones
 * are refused, and only then is the file unmapped.
 */
public final class ModelRuntime implements AutoCloseable {
    /** At least 16 bytes each where it is compiled, a hundred where not: more than a call uses, in a microsecond. */
    private static final int STACK_FRAMES = 1024;

    private final Backend backend;
    private final Checkpoint checkpoint;
    private final ForwardCounter counter = new ForwardCounter();

    /** Takes both over: closing the runtime closes them. */
    public ModelRuntime(Backend backend, Checkpoint checkpoint) {
        this.backend = backend;
        this.checkpoint = checkpoint;
    }

    /** What runs the model. */
    public Backend backend() {
        return backend;
    }

    /** Where its weights lie. */
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /** What counts the forward passes of the model. */
    public ForwardCounter counter() {
        return counter;
    }

    /**
     * Runs a call on {@code tokens} tokens.
     *
     * @throws StackOverflowError if the thread has too little stack left for a call, before anything has begun: in the
     *         middle it could leave a lease or the threads of the backend taken for good
     * @throws IllegalStateException if the model is closed, or its file was cut off while it was mapped
     */
    public <R> R call(int tokens, Function<Session, R> work) {
        descend(STACK_FRAMES);
        try (var _ = checkpoint.acquire(); Session session = backend.open(tokens)) {
            return work.apply(session);
        } catch (InternalError e) {
            throw checkpoint.faulted(e);
        }
    }

    /** Uses the stack of so many frames, and gives it back. */
    private static int descend(int frames) {
        return frames == 0 ? 0 : descend(frames - 1) + 1;
    }

    /** Closes the checkpoint and the backend; a second time does nothing. */
    @Override
    public void close() {
        try (backend) {
            checkpoint.close();
        }
    }
}
