package dev.bert4j.hub;

import java.io.IOException;

/** A model that could not be had by its name: one sentence that says what was looked for, where, and what to do. */
public final class HubException extends IOException {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    HubException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    HubException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** Why, for a program that goes on in different ways. */
    public enum Reason {
        /** No such model, or a private one and no token that may see it. */
        REPOSITORY_NOT_FOUND,
        /** The model has no such branch, tag or commit. */
        REVISION_NOT_FOUND,
        /** The model has no such file in that revision. */
        ENTRY_NOT_FOUND,
        /** The model's owner has to grant access first. */
        GATED,
        /** The hub wants a token, or does not accept the one it got. */
        UNAUTHORIZED,
        /** It is not in the cache, and nobody may be asked. */
        OFFLINE,
        /** The hub cannot be reached, is overloaded, or breaks off again and again. */
        UNREACHABLE,
        /** What came is not what the hub announced, or the hub announced what cannot be. */
        WRONG_ANSWER,
        /** The cache cannot be written: a full disk, say, or missing rights. */
        CACHE
    }

    /** Why it failed. */
    public Reason reason() {
        return reason;
    }
}
