package dev.bert4j.backend;

/** A device has no room for what it was to hold; the message says for what. The model stays usable. */
public final class DeviceMemoryException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    /** One with a whole sentence. */
    public DeviceMemoryException(String message) {
        super(message);
    }
}
