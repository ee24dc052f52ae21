package dev.bert4j.model;

import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.Session;
import dev.bert4j.weights.WeightTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A node of the module tree: it has named children and parameters and prints itself as PyTorch does. Thread-safe, and
 * immutable but for the {@linkplain #registerForwardHook hooks} that look at it.
 */
public abstract class BertModule {
    private final Map<String, BertModule> children = new LinkedHashMap<>();
    private final Map<String, WeightTensor> parameters = new LinkedHashMap<>();
    /** Null for a module whose output is never there on its own. */
    private ForwardHooks hooks;

    /** For subclasses. */
    protected BertModule() {
    }

    /** Adds a child while the module is being made; null adds none. */
    protected final <M extends BertModule> M add(String name, M child) {
        if (child != null) {
            children.put(name, child);
        }
        return child;
    }

    /** Adds a parameter while the module is being made. */
    final void addParameter(String name, WeightTensor weight) {
        parameters.put(name, weight);
    }

    /** Says, while a tree is being made, that a module passes all that it computes to {@link #shown}. */
    static <M extends BertModule> M visible(M module) {
        ((BertModule) module).hooks = new ForwardHooks();
        return module;
    }

    /** Shows an output to the hooks, if there are any, and returns it. */
    final Activation shown(Session session, Activation output) {
        hooks.show(this, session, output);
        return output;
    }

    /** Whether a hook looks at what this module computes. */
    final boolean isHooked() {
        return hooks != null && !hooks.isEmpty();
    }

    /** Whether a hook looks at what this module or one below it computes. */
    final boolean isHookedWithin() {
        if (isHooked()) {
            return true;
        }
        // Asked in every call of every layer: no stream.
        for (BertModule child : children.values()) {
            if (child.isHookedWithin()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Lets a hook look at what this module computes in every call that begins from now on, by whatever thread and
     * whether the module is called by its model or on its own. The numbers of the model do not change.
     *
     * <p>A hook gets a copy of the output as [tokens, features]: the tokens of all texts of all inputs of the call,
     * text after text in the order given, without padding between them. For a call with one input [B, T] token t of
     * text b is row {@code b·T + t}. Behind the pooler there is one row a text, and in a head that scores only some
     * tokens one row for each of these; before the head there is a row for every token, also where it needs only some.
     * An attention shows its hidden states, not its probabilities.
     *
     * <p>Modules that are computed in one step with others have no output of their own to show: word, position and type
     * tables; a linear layer with an activation or a normalisation behind it (these show it); dropout; lists; and whole
     * models, whose outputs are what {@code forward} returns.
     *
     * @return what removes the hook when it is closed
     * @throws UnsupportedOperationException if this module has no output of its own
     */
    public final ForwardHook.Handle registerForwardHook(ForwardHook hook) {
        Objects.requireNonNull(hook, "hook");
        if (hooks == null) {
            throw new UnsupportedOperationException("A hook would never be called here, for this " + printedName()
                    + " has no output of its own; hook the module that it belongs to or one within it.");
        }
        return hooks.register(hook);
    }

    /** The modules of which this one is made, in order. */
    public final Map<String, BertModule> children() {
        return Collections.unmodifiableMap(children);
    }

    /**
     * The module at a path below this one, {@code encoder.layer.3.attention.self} for one; this one for the empty path.
     *
     * @throws IllegalArgumentException if there is none; the message names the part that does not exist
     */
    public final BertModule getSubmodule(String path) {
        BertModule module = this;
        String passed = "";
        for (String name : path.isEmpty() ? new String[0] : path.split("\\.", -1)) {
            BertModule child = module.children.get(name);
            if (child == null) {
                throw new IllegalArgumentException("There is no module '" + name + "' in " + module.printedName()
                        + (passed.isEmpty() ? "" : " at '" + passed + "'") + "; it has "
                        + (module.children.isEmpty() ? "no modules" : String.join(", ", module.children.keySet()))
                        + ".");
            }
            module = child;
            passed = passed.isEmpty() ? name : passed + "." + name;
        }
        return module;
    }

    /** This module, by the empty path, and all below it by their paths, each before what it is made of. */
    public final Map<String, BertModule> namedModules() {
        Map<String, BertModule> all = new LinkedHashMap<>();
        collect("", all);
        return all;
    }

    private void collect(String path, Map<String, BertModule> all) {
        all.put(path, this);
        children.forEach((name, child) -> child.collect(path.isEmpty() ? name : path + "." + name, all));
    }

    /**
     * A copy of the values of a parameter, widened to fp32, in the shape that it is stored in.
     *
     * @param path its path below this module; one that serves in two places is found by either
     * @throws IllegalArgumentException if there is none; the message names the part that does not exist
     * @throws IllegalStateException if the model is closed
     */
    public final Tensor getParameter(String path) {
        int dot = path.lastIndexOf('.');
        BertModule owner = getSubmodule(path.substring(0, Math.max(dot, 0)));
        WeightTensor weight = owner.parameters.get(path.substring(dot + 1));
        if (weight == null) {
            throw new IllegalArgumentException("There is no parameter '" + path.substring(dot + 1) + "' in "
                    + owner.printedName() + (dot < 0 ? "" : " at '" + path.substring(0, dot) + "'") + "; it has "
                    + (owner.parameters.isEmpty() ? "no parameters" : String.join(", ", owner.parameters.keySet()))
                    + " of its own.");
        }
        return Tensor.of(weight.toFloatArray(), Arrays.stream(weight.shape()).mapToInt(Math::toIntExact).toArray());
    }

    /**
     * All parameters below this module by their paths, in the order of PyTorch's {@code named_parameters}; one that
     * serves in two places appears once, at the first. A parameter lies in its file: it has a shape and a type and
     * gives its values with {@code toFloatArray()} until the model is closed.
     */
    public final Map<String, WeightTensor> namedParameters() {
        Map<String, WeightTensor> all = new LinkedHashMap<>();
        collect("", all, Collections.newSetFromMap(new IdentityHashMap<>()));
        return all;
    }

    private void collect(String prefix, Map<String, WeightTensor> all, Set<WeightTensor> seen) {
        parameters.forEach((name, weight) -> {
            if (seen.add(weight)) {
                all.put(prefix + name, weight);
            }
        });
        children.forEach((name, child) -> child.collect(prefix + name + ".", all, seen));
    }

    /** How many numbers the parameters below this module have. */
    public final long numParameters() {
        return namedParameters().values().stream().mapToLong(WeightTensor::numElements).sum();
    }

    /** The name that is printed. */
    protected String printedName() {
        return getClass().getSimpleName();
    }

    /** What is printed between the parentheses of a module without children. */
    protected String printedArguments() {
        return "";
    }

    /** The module tree as PyTorch prints it. */
    @Override
    public final String toString() {
        if (children.isEmpty()) {
            return printedName() + "(" + printedArguments() + ")";
        }
        StringBuilder text = new StringBuilder(printedName()).append("(\n");
        for (String line : printedChildren()) {
            text.append("  ").append(line.replace("\n", "\n  ")).append('\n');
        }
        return text.append(')').toString();
    }

    /** One entry for each child. */
    List<String> printedChildren() {
        List<String> lines = new ArrayList<>();
        children.forEach((name, child) -> lines.add("(" + name + "): " + child));
        return lines;
    }
}
