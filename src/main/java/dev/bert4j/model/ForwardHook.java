package dev.bert4j.model;

import dev.bert4j.Tensor;

/** Looks at what a module computes; see {@link BertModule#registerForwardHook}. */
@FunctionalInterface
public interface ForwardHook {
    /**
     * Called by the thread of the call, after the module and before what follows it. What this throws ends the call.
     *
     * @param module the module that has computed
     * @param output a copy of its output, [tokens, features]
     */
    void accept(BertModule module, Tensor output);

    /** A registered hook. */
    interface Handle extends AutoCloseable {
        /** Removes the hook: calls that begin later no longer reach it. A second time does nothing. */
        @Override
        void close();
    }
}
