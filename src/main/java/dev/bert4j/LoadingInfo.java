package dev.bert4j;

import java.util.List;

/**
 * How a checkpoint and a model matched.
 *
 * @param missing tensors that the model needs and the checkpoint lacks, sorted; they were newly made
 * @param unused tensors that the checkpoint has and the model does not use, sorted
 */
public record LoadingInfo(List<String> missing, List<String> unused) {
}
