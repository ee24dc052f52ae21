package dev.bert4j.model;

import dev.bert4j.backend.Parameter;

/** A lookup table. */
public final class Embedding extends BertModule {
    private final LoadedParameter weight;
    private final int rows;
    private final int features;
    private final Integer paddingIndex;

    Embedding(ParameterScope scope, int rows, int features, Integer paddingIndex) {
        this.rows = rows;
        this.features = features;
        this.paddingIndex = paddingIndex;
        weight = scope.parameter("weight", rows, features);
        addParameter("weight", weight.tensor());
    }

    Parameter device() {
        return weight.device();
    }

    LoadedParameter weight() {
        return weight;
    }

    /** How many rows the table has. */
    public int numEmbeddings() {
        return rows;
    }

    @Override
    protected String printedArguments() {
        return rows + ", " + features + (paddingIndex == null ? "" : ", padding_idx=" + paddingIndex);
    }
}
