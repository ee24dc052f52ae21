package dev.bert4j;

import java.nio.file.Path;
import java.util.List;

/**
 * How a checkpoint and a model matched.
 *
 * @param missing tensors that the model needs and the checkpoint lacks, sorted; they were newly made
 * @param unused tensors that the checkpoint has and the model does not use, sorted
 */
public record LoadingInfo(List<String> missing, List<String> unused) {
    /** What a user is told of it, as the reference says it; the empty string if everything matched. */
    String warning(Path checkpoint, String modelClass) {
        String notUsed = unused.isEmpty() ? "" : "Some weights of the model checkpoint at " + checkpoint
                + " were not used when initializing " + modelClass + ": " + unused;
        String notThere = missing.isEmpty() ? "" : "Some weights of " + modelClass + " were not initialized from the"
                + " model checkpoint at " + checkpoint + " and are newly initialized: " + missing;
        return notUsed + (notUsed.isEmpty() || notThere.isEmpty() ? "" : "\n") + notThere;
    }
}
