package dev.bert4j.hub;

import java.io.IOException;
import java.time.Duration;

/** Trouble that may be over at the next try; what it says follows "because", as in "the connection was cut". */
final class TransientException extends IOException {
    private static final long serialVersionUID = 1;

    /** How long to wait before the next try, or null to choose. */
    private final Duration pause;

    TransientException(String message, Throwable cause) {
        super(message, cause);
        pause = null;
    }

    TransientException(String message, Duration pause) {
        super(message);
        this.pause = pause;
    }

    Duration pause() {
        return pause;
    }
}
