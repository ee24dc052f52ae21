package dev.bert4j;

import java.io.IOException;

/** A tokenizer's files are missing or wrong. The message says in one sentence which file and why. */
public final class TokenizerException extends IOException {
    private static final long serialVersionUID = 1;

    /** @param message one sentence that names the file */
    public TokenizerException(String message) {
        super(message);
    }
}
