package dev.bert4j.backend;

/**
 * The hidden values of a batch on a backend, {@code [tokens, features]}, in a representation that is the backend's own.
 *
 * <p>It belongs to the {@link Session} that made it. Closing it gives its memory back to that session.
 */
public interface Activation extends AutoCloseable {
    /** Tokens of the whole batch, its texts one after the other. */
    int tokens();

    /** Values of each token. */
    int features();

    @Override
    void close();
}
