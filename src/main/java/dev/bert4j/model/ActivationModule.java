package dev.bert4j.model;

import dev.bert4j.backend.ActivationFunction;

/** An activation function as a module. The linear layer before it applies it, while its result is in the cache. */
public final class ActivationModule extends BertModule {
    private final ActivationFunction function;

    ActivationModule(ActivationFunction function) {
        visible(this);
        this.function = function;
    }

    /** Which one it is. */
    public ActivationFunction function() {
        return function;
    }

    @Override
    protected String printedName() {
        return function.moduleName();
    }
}
