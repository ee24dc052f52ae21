package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.backend.NormWeights;

/** Layer normalisation over the features of each token. */
public final class LayerNorm extends BertModule {
    private final NormWeights weights;
    private final int features;
    private final double eps;

    LayerNorm(ParameterScope scope, BertConfig config) {
        visible(this);
        features = config.hiddenSize();
        eps = config.layerNormEps();
        LoadedParameter weight = scope.parameter("weight", features);
        LoadedParameter bias = scope.parameter("bias", features);
        addParameter("weight", weight.tensor());
        addParameter("bias", bias.tensor());
        weights = new NormWeights(weight.device(), bias.device(), (float) eps);
    }

    NormWeights weights() {
        return weights;
    }

    @Override
    protected String printedArguments() {
        return "(" + features + ",), eps=" + PythonNumbers.format(eps) + ", elementwise_affine=True";
    }
}
