package dev.bert4j.model;

import dev.bert4j.backend.Parameter;
import dev.bert4j.weights.WeightTensor;

/**
 * A parameter as the file has it and as the backend holds it.
 *
 * @param tensor where it lies
 * @param device what operations take
 */
record LoadedParameter(WeightTensor tensor, Parameter device) {
}
