package dev.bert4j.model;

import dev.bert4j.LoadingInfo;
import dev.bert4j.backend.Backend;
import dev.bert4j.weights.Checkpoint;
import dev.bert4j.weights.CheckpointException;
import dev.bert4j.weights.WeightTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Finds the tensors of a model in a checkpoint, by the reference's rules: a base model reads a file with the prefix
 * {@code bert.}, a head model reads a file without it into its base, and old names {@code gamma} and {@code beta} mean
 * {@code weight} and {@code bias}. Remembers what was missing and what was not used.
 */
public final class ParameterLoader {
    private static final String PREFIX = "bert.";
    /** Missing tensors after which it is not worth looking for more. */
    private static final int MOST_MISSING = 2000;

    private final Backend backend;
    private final Checkpoint checkpoint;
    private final String modelClass;
    private final boolean headModel;
    private final boolean fileHasPrefix;
    private final Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    private final Set<String> used = new HashSet<>();
    private boolean baseFound;
    /** A tensor of the head that the file has, null if it has none. */
    private String headFound;
    private final Set<String> missing = new TreeSet<>();
    private final Set<String> replaced = new TreeSet<>();
    private final Long initSeed;
    private final double initializerRange;
    private final SplittableRandom random;

    /**
     * Begins to load.
     *
     * @param modelClass the name of the model, for messages
     * @param headModel whether the model holds its base under {@code bert.}
     * @param initSeed the seed for missing tensors, or null to refuse them
     * @param initializerRange the standard deviation of newly made weights
     */
    public ParameterLoader(Backend backend, Checkpoint checkpoint, String modelClass, boolean headModel, Long initSeed,
            double initializerRange) {
        this.backend = backend;
        this.checkpoint = checkpoint;
        this.modelClass = modelClass;
        this.headModel = headModel;
        this.initSeed = initSeed;
        this.initializerRange = initializerRange;
        this.random = initSeed == null ? null : new SplittableRandom(initSeed);
        boolean prefixed = false;
        for (Map.Entry<String, WeightTensor> tensor : checkpoint.tensors().entrySet()) {
            tensors.putIfAbsent(modern(tensor.getKey()), tensor.getValue());
            prefixed |= tensor.getKey().startsWith(PREFIX);
        }
        fileHasPrefix = prefixed;
    }

    private static String modern(String name) {
        if (name.endsWith("LayerNorm.gamma")) {
            return name.substring(0, name.length() - "gamma".length()) + "weight";
        }
        return name.endsWith("LayerNorm.beta") ? name.substring(0, name.length() - "beta".length()) + "bias" : name;
    }

    /** The scope of the whole model. */
    public ParameterScope root() {
        return new ParameterScope(this, "");
    }

    /** The name in the file of what the model calls {@code name}. */
    private String inFile(String name) {
        if (headModel) {
            return !fileHasPrefix && name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
        }
        return fileHasPrefix ? PREFIX + name : name;
    }

    /** Whether the file has a tensor of that name in the model. */
    boolean has(String name) {
        return tensors.containsKey(inFile(name));
    }

    /** Counts a tensor as used without taking it, if the file has it. */
    void ignore(String name) {
        if (has(name)) {
            use(name);
        }
    }

    private void use(String name) {
        used.add(inFile(name));
        if (name.startsWith(PREFIX)) {
            baseFound = true;
        } else {
            headFound = name;
        }
    }

    /** Reports a tensor as missing for which another was found. */
    void replaced(String name) {
        replaced.add(inFile(name));
    }

    /** A config with a damaged number of layers would otherwise look for billions of tensors. */
    void checkStillLoading() {
        if (initSeed == null && missing.size() > MOST_MISSING) {
            throw new IllegalArgumentException("The checkpoint " + file() + " lacks more than " + MOST_MISSING
                    + " of the tensors that its config asks for, " + some(missing) + "; num_hidden_layers must be the"
                    + " number of layers it was saved with.");
        }
    }

    LoadedParameter parameter(String name, long[] shape) {
        String fileName = inFile(name);
        WeightTensor tensor = tensors.get(fileName);
        if (tensor == null) {
            missing.add(fileName);
            return initSeed == null ? new LoadedParameter(null, null) : load(initialized(fileName, shape));
        }
        use(name);
        if (!Arrays.equals(tensor.shape(), shape)) {
            throw new IllegalArgumentException("Tensor " + tensor.name() + " of " + tensor.file() + " has the shape "
                    + Arrays.toString(tensor.shape()) + ", but " + modelClass + " needs " + Arrays.toString(shape)
                    + " by its config.");
        }
        if (!tensor.isComputable()) {
            throw new IllegalArgumentException("Tensor " + tensor.name() + " of " + tensor.file() + " is of type "
                    + tensor.dtype() + "; weights must be F32, F16, BF16 or F64, or quantised by 'bert quantize'.");
        }
        return load(tensor);
    }

    private LoadedParameter load(WeightTensor tensor) {
        return new LoadedParameter(tensor, backend.parameter(tensor));
    }

    /** As the reference initialises: matrices normal, biases 0, the scale of a layer normalisation 1. */
    private WeightTensor initialized(String name, long[] shape) {
        double count = Arrays.stream(shape).asDoubleStream().reduce(1, (a, b) -> a * b);
        if (count > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("Tensor " + name + " is missing and too large to be made anew: "
                    + Arrays.toString(shape) + " by the config.");
        }
        float[] values = new float[(int) count];
        if (shape.length > 1) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (random.nextGaussian() * initializerRange);
            }
        } else if (name.endsWith("LayerNorm.weight")) {
            Arrays.fill(values, 1);
        }
        return checkpoint.make(name, values, shape);
    }

    /**
     * Ends loading.
     *
     * @param ignoredWhenUnused what the names of tensors contain that nobody needs to be told of
     * @throws IOException if tensors are missing and may not be made, or if the file mixes bare names with a head
     */
    public LoadingInfo finish(List<String> ignoredWhenUnused) throws IOException {
        if (headModel && !fileHasPrefix && baseFound && headFound != null) {
            throw new CheckpointException(file(), "has tensors of a head ("
                    + headFound.substring(0, headFound.indexOf('.') + 1) + ") beside a base without the prefix"
                    + " 'bert.', as no " + modelClass + " is ever saved; add the prefix to the base.");
        }
        if (!missing.isEmpty() && initSeed == null) {
            throw new CheckpointException(file(), "lacks " + missing.size() + " of the tensors that " + modelClass
                    + " needs: " + some(missing) + "; use a checkpoint that has them (a program may ask for newly"
                    + " initialised ones, by LoadOptions.withInitSeed).");
        }
        Set<String> unused = new TreeSet<>();
        for (String name : tensors.keySet()) {
            if (!used.contains(name) && !name.endsWith("embeddings.position_ids")
                    && !containsAny(name, ignoredWhenUnused)) {
                unused.add(name);
            }
        }
        missing.addAll(replaced);
        return new LoadingInfo(List.copyOf(missing), List.copyOf(unused));
    }

    private static boolean containsAny(String name, List<String> parts) {
        for (String part : parts) {
            if (name.contains(part)) {
                return true;
            }
        }
        return false;
    }

    /** The file, or the first of several. */
    private Path file() {
        return checkpoint.files().getFirst();
    }

    private static String some(Set<String> names) {
        int most = 8;
        return names.stream().limit(most).collect(Collectors.joining(", "))
                + (names.size() > most ? " and " + (names.size() - most) + " more" : "");
    }
}
