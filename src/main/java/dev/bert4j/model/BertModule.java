package dev.bert4j.model;

import dev.bert4j.weights.WeightTensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A node of the module tree: it has named children and parameters and prints itself as PyTorch does. Immutable. */
public abstract class BertModule {
    private final Map<String, BertModule> children = new LinkedHashMap<>();
    private final Map<String, WeightTensor> parameters = new LinkedHashMap<>();

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

    /** The modules of which this one is made, in order. */
    public final Map<String, BertModule> children() {
        return Collections.unmodifiableMap(children);
    }

    /** All parameters below this module by their paths, in order; one that serves in two places appears once. */
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
