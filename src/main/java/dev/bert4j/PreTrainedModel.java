package dev.bert4j;

import dev.bert4j.backend.Backend;
import dev.bert4j.backend.Backends;
import dev.bert4j.backend.DeviceMemoryException;
import dev.bert4j.backend.Devices;
import dev.bert4j.events.LoadEvent;
import dev.bert4j.events.Recorder;
import dev.bert4j.metrics.ForwardMetrics;
import dev.bert4j.model.BertModule;
import dev.bert4j.model.ModelRuntime;
import dev.bert4j.model.ParameterLoader;
import dev.bert4j.weights.Checkpoint;
import dev.bert4j.weights.CheckpointWriter;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.WeightTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model over a mapped checkpoint. Immutable and thread-safe: any number of threads may call it at a time.
 *
 * <p>{@link #close} may be called while calls run: they finish, and later ones fail with an IllegalStateException.
 */
public abstract class PreTrainedModel extends BertModule implements AutoCloseable {
    private final ModelRuntime runtime;
    private final BertConfig config;
    private final LoadingInfo loadingInfo;
    private final Maker<?> again;

    PreTrainedModel(Loaded loaded) {
        runtime = loaded.runtime;
        config = loaded.config;
        loadingInfo = loaded.info;
        again = loaded.again;
    }

    /** What the checkpoint gave, before the model takes it. */
    static final class Loaded {
        private final ModelRuntime runtime;
        private final BertConfig config;
        private final Maker<?> again;
        private LoadingInfo info;

        private Loaded(ModelRuntime runtime, BertConfig config, Maker<?> again) {
            this.runtime = runtime;
            this.config = config;
            this.again = again;
        }

        ModelRuntime runtime() {
            return runtime;
        }

        BertConfig config() {
            return config;
        }
    }

    /** Makes the modules of a model from the parameters that a loader finds. */
    @FunctionalInterface
    interface Factory<M> {
        M make(Loaded loaded, ParameterLoader loader) throws IOException;
    }

    /** Opens a checkpoint and makes a model of it; on failure nothing stays open. */
    static <M extends PreTrainedModel> M load(Path folder, LoadOptions options, String modelClass, boolean headModel,
            Factory<M> factory) throws IOException {
        LoadEvent event = Recorder.isStarted() ? LoadEvent.begun() : null;
        BertConfig config = config(folder, options);
        M model = new Maker<>(options, modelClass, headModel, factory).make(Checkpoint.open(folder), config);
        if (event != null) {
            long mapped = 0;
            for (Path file : model.checkpoint().files()) {
                mapped += Files.size(file);
            }
            event.done(folder.toString(), modelClass, model.backend().name(), model.numParameters(), mapped);
        }
        warn(folder, modelClass, model.loadingInfo());
        warnOfPrecision(folder, model);
        return model;
    }

    /** Asked for where there is something to say: to bring logging up takes a fresh JVM as long as to open a model. */
    private static System.Logger log() {
        return System.getLogger(PreTrainedModel.class.getPackageName());
    }

    /** A precision that no weight is stored in changes nothing, which who asks for it should know. */
    private static void warnOfPrecision(Path folder, PreTrainedModel model) {
        String asked = Backends.asked(model.again.options().backend()).orElse(Backends.AUTO);
        boolean int8 = asked.startsWith("nativecpu:int8");
        if ((int8 || asked.equals("nativecpu:bf16")) && model.namedParameters().values().stream()
                .noneMatch(weight -> int8 ? weight.scales() != null : weight.dtype() == DType.BF16)) {
            log().log(Level.WARNING, "No weight in {0} is stored as {1}, so that {2} computes in fp32{3}.", folder,
                    int8 ? "int8" : "BF16", asked, int8 ? "; 'bert quantize DIR OUT --int8' makes such a model" : "");
        }
    }

    /** The config that counts: that of the options, else that of the folder, which may be named by its weights. */
    static BertConfig config(Path folder, LoadOptions options) throws IOException {
        return options.config() != null ? options.config()
                : BertConfig.fromPretrained(Checkpoint.folder(folder));
    }

    /** Makes a model of a checkpoint, which it takes over; and another of the same class and with the same options. */
    private record Maker<M extends PreTrainedModel>(LoadOptions options, String modelClass, boolean headModel,
            Factory<M> factory) {
        /** The same on another backend. */
        Maker<M> on(String backend) {
            return new Maker<>(options.withBackend(backend), modelClass, headModel, factory);
        }

        M make(Checkpoint checkpoint, BertConfig config) throws IOException {
            try {
                return choose(checkpoint, config);
            } catch (InternalError e) {
                checkpoint.close();
                throw checkpoint.faulted(e);
            } catch (Throwable e) {
                checkpoint.close();
                throw e;
            }
        }

        private M choose(Checkpoint checkpoint, BertConfig config) throws IOException {
            try {
                return make(checkpoint, config, Backends.choose(options.backend(), options.threads()));
            } catch (DeviceMemoryException e) {
                return make(checkpoint, config, Backends.instead(options.backend(), options.threads(), e));
            }
        }

        private M make(Checkpoint checkpoint, BertConfig config, Backend backend) throws IOException {
            try {
                ParameterLoader loader = new ParameterLoader(backend, checkpoint, modelClass, headModel,
                        options.initSeed(), config.initializerRange());
                M model = factory.make(new Loaded(new ModelRuntime(backend, checkpoint), config, this), loader);
                backend.prepare();
                return model;
            } catch (Throwable e) {
                backend.close();
                throw e;
            }
        }
    }

    /** Ends loading; what is unused and contains one of the names is not worth a word. */
    static Loaded finish(Loaded loaded, ParameterLoader loader, List<String> ignoredWhenUnused) throws IOException {
        loaded.info = loader.finish(ignoredWhenUnused);
        return loaded;
    }

    private static void warn(Path folder, String modelClass, LoadingInfo info) {
        if (!info.unused().isEmpty() || !info.missing().isEmpty()) {
            log().log(Level.WARNING, info.warning(folder, modelClass));
        }
    }

    /** The configuration. */
    public final BertConfig config() {
        return config;
    }

    /** What the checkpoint lacked and what it had beside. */
    public final LoadingInfo loadingInfo() {
        return loadingInfo;
    }

    /** What runs the model. */
    public final Backend backend() {
        return runtime.backend();
    }

    /** The checkpoint it lies in. */
    public final Checkpoint checkpoint() {
        return runtime.checkpoint();
    }

    /** The forward passes since it was opened; costs nothing that a pass would notice. */
    public final ForwardMetrics metrics() {
        return runtime.counter().snapshot();
    }

    final ModelRuntime runtime() {
        return runtime;
    }

    /**
     * This model on a device: itself if it is there, else a new one over the same mapped weights, with the same options
     * and without hooks, which is closed on its own.
     *
     * @param device {@code cpu}, {@code opencl}, {@code opencl:1}, {@code opencl:tf32x3} (see
     *     {@link Backends}), or {@code auto} for a GPU where there is one
     * @throws IllegalArgumentException if it names no device
     * @throws IllegalStateException if the device cannot be had, the message says why; or the model is closed
     */
    public PreTrainedModel to(String device) {
        String asked = Devices.backend(device);
        if (Devices.serves(backend().device(), asked.equals(Backends.AUTO) ? Backends.auto() : asked)) {
            return this;
        }
        try {
            PreTrainedModel there = again.on(asked).make(checkpoint().derive(namedParameters(), Map.of()), config);
            if (asked.equals(Backends.AUTO) && Devices.serves(backend().device(), there.backend().device())) {
                // It had no room where auto would have had it.
                there.close();
                return this;
            }
            return there;
        } catch (InternalError e) {
            throw checkpoint().faulted(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A model without some attention heads, as the reference prunes them: their rows of query, key and value and their
     * columns of the projection behind are gone, and the config's {@code pruned_heads} says so, also when it is saved.
     *
     * <p>A model is immutable: this one stays as it is, and the new one has no hooks. It is closed on its own, in
     * whatever order; it shares the mapped weights, but for the smaller ones, which are copies. Heads keep their
     * numbers: a head mask still has a factor for each head of the config, and those of pruned ones mean nothing.
     *
     * @param heads layer → numbers of heads; those that are pruned already are passed over
     * @throws IllegalArgumentException if there is no such layer or head, or a layer would have none left
     * @throws IllegalStateException if the model is closed
     */
    public PreTrainedModel pruneHeads(Map<Integer, Set<Integer>> heads) {
        String fault = PrunedHeads.fault(heads, config.numHiddenLayers(), config.numAttentionHeads());
        if (fault != null) {
            throw new IllegalArgumentException("pruneHeads " + fault + ".");
        }
        BertConfig smaller = config.with("pruned_heads", PrunedHeads.json(config.prunedHeads(), heads));
        Map<String, WeightTensor> weights = namedParameters();
        try {
            return again.make(checkpoint().derive(weights, HeadPruning.selections(weights.keySet(), config, smaller)),
                    smaller);
        } catch (InternalError e) {
            throw checkpoint().faulted(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@link #savePretrained(Path, SaveOptions)}, in one file where its size allows. */
    public final void savePretrained(Path folder) throws IOException {
        savePretrained(folder, SaveOptions.defaults());
    }

    /**
     * Saves config and weights as the reference does: {@code config.json} with all keys that the config has and this
     * class as its architecture, and {@code model.safetensors}, or shards with their index where one file would be too
     * large. Weights have the names of {@link #namedParameters}, tied ones are there once, and types are those that
     * they were loaded in: opened by the same class and with the same options, the model is the same to the last bit. A
     * tokenizer's files are not written.
     *
     * <p>What is in the folder is replaced only when everything is written, files that are not a model's stay, and the
     * folder may be the one that the model lies in.
     *
     * @param folder where to; made if it is not there
     * @throws IOException if it cannot be written; one sentence says why, and the folder is as it was
     * @throws IllegalStateException if the model is closed
     */
    public final void savePretrained(Path folder, SaveOptions options) throws IOException {
        try (var _ = checkpoint().acquire()) {
            CheckpointWriter.write(folder, namedParameters(), options.maxShardSize(),
                    Map.of(BertConfig.FILE, config.toJson(getClass().getSimpleName())));
        }
    }

    /** Closes the model; the file is unmapped when the last running call has finished. */
    @Override
    public final void close() {
        runtime.close();
    }
}
