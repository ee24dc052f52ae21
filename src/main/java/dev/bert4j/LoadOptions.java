package dev.bert4j;

import dev.bert4j.hub.HubOptions;
import java.util.Objects;

/**
 * How a checkpoint is opened. Immutable; each {@code with…} returns a changed copy.
 *
 * @param backend a name of {@link dev.bert4j.backend.Backends#names}, or null to choose by property, environment and
 *     what there is
 * @param threads threads of one forward pass, at least 1, or 0 for one for each processor
 * @param config what takes the place of the folder's config.json, or null
 * @param addPoolingLayer whether {@link BertModel} has a pooler
 * @param initSeed null, or the seed with which tensors that the checkpoint lacks are newly made, as the reference does
 *     before training; without it a missing tensor is an error
 * @param hub where a model that is given by its name comes from
 */
public record LoadOptions(String backend, int threads, BertConfig config, boolean addPoolingLayer, Long initSeed,
        HubOptions hub) {
    /** Checks what may not be null. */
    public LoadOptions {
        Objects.requireNonNull(hub, "hub");
    }

    /** Chosen backend, all processors, the folder's config, a pooler, no missing tensors, and the usual hub. */
    public static LoadOptions defaults() {
        return new LoadOptions(null, 0, null, true, null, HubOptions.defaults());
    }

    /** On that backend. */
    public LoadOptions withBackend(String name) {
        return new LoadOptions(name, threads, config, addPoolingLayer, initSeed, hub);
    }

    /** On that many threads. */
    public LoadOptions withThreads(int count) {
        return new LoadOptions(backend, count, config, addPoolingLayer, initSeed, hub);
    }

    /** With that config in place of the folder's. */
    public LoadOptions withConfig(BertConfig replacement) {
        return new LoadOptions(backend, threads, replacement, addPoolingLayer, initSeed, hub);
    }

    /** Without a pooler. */
    public LoadOptions withoutPoolingLayer() {
        return new LoadOptions(backend, threads, config, false, initSeed, hub);
    }

    /** Making missing tensors anew from a seed. */
    public LoadOptions withInitSeed(long seed) {
        return new LoadOptions(backend, threads, config, addPoolingLayer, seed, hub);
    }

    /** With that hub, revision and cache. */
    public LoadOptions withHub(HubOptions options) {
        return new LoadOptions(backend, threads, config, addPoolingLayer, initSeed, options);
    }
}
