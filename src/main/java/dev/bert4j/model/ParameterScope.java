package dev.bert4j.model;

/** A place in the module tree whose parameters are being loaded. */
public final class ParameterScope {
    private final ParameterLoader loader;
    private final String prefix;

    ParameterScope(ParameterLoader loader, String prefix) {
        this.loader = loader;
        this.prefix = prefix;
    }

    /** The place of a child. */
    public ParameterScope at(String child) {
        return new ParameterScope(loader, prefix + child + ".");
    }

    /** The parameter of that name and shape here. */
    LoadedParameter parameter(String name, long... shape) {
        return loader.parameter(prefix + name, shape);
    }

    /**
     * Ends a hopeless search early.
     *
     * @throws IllegalArgumentException if more tensors are missing than any file that fits could lack
     */
    void checkStillLoading() {
        loader.checkStillLoading();
    }

    /** Whether the file has one. */
    boolean has(String name) {
        return loader.has(prefix + name);
    }

    /** Counts one as used that is not needed. */
    void ignore(String name) {
        loader.ignore(prefix + name);
    }

    /** Reports one as missing for which another was found. */
    void replaced(String name) {
        loader.replaced(prefix + name);
    }
}
