package dev.bert4j.backend.opencl;

import static org.lwjgl.system.MemoryUtil.NULL;

/**
 * Keys and values of some texts in one layer, one text after the other, each {@code [tokens][features]}: in buffers of
 * the device, or on the host where the device had no room. Never changed after the call that made it. The fields belong
 * to its {@link KeyValueStore}.
 */
final class KeyValueBlock {
    final int tokens;
    final int features;
    /** Of keys and values together. */
    final long bytes;
    long keys = NULL;
    long values = NULL;
    float[] keysOnHost;
    float[] valuesOnHost;
    /** Calls that use it now, so that it stays where it is. */
    int calls;
    /** The queue of the call that makes it, NULL once that is done. */
    long maker = NULL;
    /** Texts of it that somebody may ask for. */
    int texts;

    /** One that is nowhere yet; refuses more values than a call can hold. */
    KeyValueBlock(int tokens, int features) {
        bytes = 2 * DeviceMatrix.bytes(tokens, features);
        this.tokens = tokens;
        this.features = features;
    }

    boolean isOnDevice() {
        return keys != NULL;
    }
}
