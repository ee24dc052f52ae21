package dev.bert4j.pipeline;

/** An input that a pipeline cannot take, among several; the cause says what is wrong with it. */
public final class InputException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final long index;

    InputException(long index, IllegalArgumentException cause) {
        super("Input " + index + ": " + cause.getMessage(), cause);
        this.index = index;
    }

    /** Which input it is, from 0. */
    public long index() {
        return index;
    }
}
