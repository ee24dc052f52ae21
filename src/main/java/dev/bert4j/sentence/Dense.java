package dev.bert4j.sentence;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.reference.ScalarActivation;
import dev.bert4j.weights.Checkpoint;
import dev.bert4j.weights.CheckpointException;
import dev.bert4j.weights.WeightTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** {@code f(W·x + b)}. Its weights are small and are kept on the heap. */
final class Dense implements SentenceModule {
    /** PyTorch's modules by the last part of their names. */
    static final Map<String, ActivationFunction> FUNCTIONS = Map.of("Identity", ActivationFunction.LINEAR,
            "Tanh", ActivationFunction.TANH, "ReLU", ActivationFunction.RELU, "GELU", ActivationFunction.GELU,
            "Sigmoid", ActivationFunction.SIGMOID, "SiLU", ActivationFunction.SILU, "Mish", ActivationFunction.MISH,
            "ReLU6", ActivationFunction.RELU6);

    private final int in;
    private final int out;
    private final float[] weight;
    private final float[] bias;
    private final ActivationFunction f;

    private Dense(int in, int out, float[] weight, float[] bias, ActivationFunction f) {
        this.in = in;
        this.out = out;
        this.weight = weight;
        this.bias = bias;
        this.f = f;
    }

    /** The module of a folder, for vectors of that many values. */
    static Dense read(Path folder, int features) throws IOException {
        SentenceConfig config = SentenceConfig.readNeeded(folder.resolve("config.json"), folder.getParent());
        if (config.flag("use_residual", false)) {
            throw config.wrong("use_residual", "false; a Dense module that adds its input is not supported");
        }
        int in = config.count("in_features", features);
        if (in != features) {
            throw config.wrong("in_features", features + ", what the module before it gives");
        }
        int out = config.count("out_features", 0);
        String name = config.string("activation_function", "torch.nn.modules.activation.Tanh");
        ActivationFunction f = FUNCTIONS.get(name.substring(name.lastIndexOf('.') + 1));
        if (f == null) {
            throw config.wrong("activation_function", "one of PyTorch's " + String.join(", ",
                    FUNCTIONS.keySet().stream().sorted().toList()));
        }
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            float[] weight = values(checkpoint, "linear.weight", out, in);
            float[] bias = config.flag("bias", true) ? values(checkpoint, "linear.bias", out) : new float[out];
            return new Dense(in, out, weight, bias, f);
        }
    }

    private static float[] values(Checkpoint checkpoint, String name, long... shape) throws CheckpointException {
        WeightTensor tensor = checkpoint.get(name);
        if (tensor == null || !Arrays.equals(tensor.shape(), shape)) {
            throw new CheckpointException(checkpoint.files().getFirst(), "its tensor " + name
                    + " must be there in the shape " + Arrays.toString(shape)
                    + (tensor == null ? "" : ", not " + Arrays.toString(tensor.shape())));
        }
        return tensor.toFloatArray();
    }

    @Override
    public float[] apply(float[] x) {
        float[] y = new float[out];
        for (int n = 0; n < out; n++) {
            float sum = 0;
            for (int k = 0; k < in; k++) {
                sum = Math.fma(weight[n * in + k], x[k], sum);
            }
            y[n] = ScalarActivation.apply(f, sum + bias[n]);
        }
        return y;
    }

    @Override
    public int features(int features) {
        return out;
    }
}
