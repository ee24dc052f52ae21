package dev.bert4j.weights;

import java.io.IOException;
import java.nio.file.Path;

/** Model files that cannot be used: one sentence that names the file, the tensor if one is at fault, and the fault. */
public final class CheckpointException extends IOException {
    private static final long serialVersionUID = 1;

    /** A fault of a whole file. */
    public CheckpointException(Path file, String fault) {
        super(file + ": " + fault);
    }

    CheckpointException(Path file, String fault, IOException cause) {
        super(file + ": " + fault, cause);
    }

    CheckpointException(Path file, String tensor, String fault) {
        super(file + ": tensor \"" + tensor + "\" " + fault);
    }

    /** For a cause whose message names the file already. */
    CheckpointException(IOException cause) {
        super(cause.getMessage(), cause);
    }
}
