package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.Session;
import java.util.function.BiFunction;

/** A module of the graph that works on hidden states, with what it takes to call it on tensors. */
public abstract class HiddenModule extends BertModule {
    private final ModelRuntime runtime;
    private final BertConfig config;

    HiddenModule(ModelRuntime runtime, BertConfig config) {
        this.runtime = runtime;
        this.config = config;
    }

    final ModelRuntime runtime() {
        return runtime;
    }

    final BertConfig config() {
        return config;
    }

    /** Brings [B, T, features] values to the backend, runs the work, and brings its [B, T, out] result back. */
    final Tensor onBackend(Tensor x, int features, BiFunction<Session, Activation, Activation> work) {
        InputChecks.features(x, features, "The input of " + printedName());
        int tokens = Math.multiplyExact(x.size(0), x.size(1));
        if (tokens == 0) {
            throw new IllegalArgumentException("There must be at least one text, and a text must have at least one"
                    + " token.");
        }
        Batch.checkSize(tokens, Math.max(config.intermediateSize(), features));
        return runtime.call(tokens, session -> {
            try (Activation in = session.upload(x.data(), tokens, features); Activation out = work.apply(session, in)) {
                return Tensor.of(session.download(out), x.size(0), x.size(1), out.features());
            }
        });
    }

    /** As {@link #onBackend}, of pooled values: [B, features] to the [B, out] result. */
    final Tensor onPooled(Tensor x, int features, BiFunction<Session, Activation, Activation> work) {
        InputChecks.pooled(x, features, "The input of " + printedName());
        Tensor y = onBackend(Tensor.of(x.data(), x.size(0), 1, features), features, work);
        return Tensor.of(y.data(), y.size(0), y.size(2));
    }

    /** As {@link #onBackend}, with a residual [B, T, H] beside x. */
    final Tensor onBackend(Tensor x, int features, Tensor residual, Residual work) {
        InputChecks.hiddenStates(config, residual, "The residual of " + printedName());
        if (x.rank() == 3 && (x.size(0) != residual.size(0) || x.size(1) != residual.size(1))) {
            throw new IllegalArgumentException("x and the residual of " + printedName() + " differ in shape: "
                    + x + " and " + residual + ".");
        }
        return onBackend(x, features, (session, in) -> {
            try (Activation r = session.upload(residual.data(), in.tokens(), config.hiddenSize())) {
                return work.apply(session, in, r);
            }
        });
    }

    /** Work on x and a residual. */
    @FunctionalInterface
    interface Residual {
        Activation apply(Session session, Activation x, Activation residual);
    }
}
