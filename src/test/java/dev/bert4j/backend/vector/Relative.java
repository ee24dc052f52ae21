package dev.bert4j.backend.vector;

import dev.bert4j.backend.Backend;
import dev.bert4j.backend.RelativePositions;
import dev.bert4j.weights.WeightTensor;

/** Relative positions before a backend has their table. */
record Relative(WeightTensor table, int positions, boolean withKeys) {
    RelativePositions on(Backend backend) {
        return new RelativePositions(backend.parameter(table), positions, withKeys);
    }
}
