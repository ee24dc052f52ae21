package dev.bert4j;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Attention heads that are no longer there, layer → heads, and how a config writes them. */
final class PrunedHeads {
    private PrunedHeads() {
    }

    /** Those of a config. */
    static SortedMap<Integer, SortedSet<Integer>> of(ConfigValues values) {
        Object value = values.get("pruned_heads");
        SortedMap<Integer, SortedSet<Integer>> pruned = parse(value == null ? Map.of() : value);
        if (pruned == null) {
            throw values.wrong("pruned_heads", "an object of layers and lists of their heads, as in {\"0\": [1, 2]}");
        }
        return pruned;
    }

    /** From a JSON object, whose keys are strings; null if it is no such object. */
    private static SortedMap<Integer, SortedSet<Integer>> parse(Object json) {
        if (!(json instanceof Map<?, ?> layers)) {
            return null;
        }
        SortedMap<Integer, SortedSet<Integer>> pruned = new TreeMap<>();
        for (Map.Entry<?, ?> layer : layers.entrySet()) {
            // At most nine digits, so that the number is an int.
            boolean number = layer.getKey() instanceof String key && key.matches("0|[1-9][0-9]{0,8}");
            if (!number || !(layer.getValue() instanceof List<?> heads)) {
                return null;
            }
            SortedSet<Integer> some = new TreeSet<>();
            for (Object head : heads) {
                if (!(head instanceof Long n) || n < 0 || n > Integer.MAX_VALUE) {
                    return null;
                }
                some.add(n.intValue());
            }
            pruned.put(Integer.valueOf((String) layer.getKey()), Collections.unmodifiableSortedSet(some));
        }
        return Collections.unmodifiableSortedMap(pruned);
    }

    /** All that are pruned already, and more, as a config writes them. */
    static Map<String, Object> json(Map<Integer, ? extends Set<Integer>> before, Map<Integer, Set<Integer>> more) {
        SortedMap<Integer, SortedSet<Integer>> all = new TreeMap<>();
        before.forEach((layer, heads) -> all.put(layer, new TreeSet<>(heads)));
        more.forEach((layer, heads) -> all.computeIfAbsent(layer, none -> new TreeSet<>()).addAll(heads));
        Map<String, Object> json = new LinkedHashMap<>();
        all.forEach((layer, heads) -> json.put(String.valueOf(layer), heads.stream().map(Long::valueOf).toList()));
        return json;
    }

    /** Checks those of a config of so many layers and heads. */
    static void check(ConfigValues values, int layers, int heads) {
        String fault = fault(of(values), layers, heads);
        if (fault != null) {
            throw new IllegalArgumentException(values.source() + ": pruned_heads " + fault + ".");
        }
    }

    /** The heads that a layer has, of those with the numbers from 0 on. */
    static int[] left(SortedMap<Integer, SortedSet<Integer>> pruned, int layer, int heads) {
        Set<Integer> gone = pruned.getOrDefault(layer, Collections.emptySortedSet());
        int[] left = new int[heads - gone.size()];
        int count = 0;
        for (int head = 0; head < heads; head++) {
            if (!gone.contains(head)) {
                left[count++] = head;
            }
        }
        return left;
    }

    /** What is wrong with them in a model of so many layers and heads; null if nothing is. */
    static String fault(Map<Integer, ? extends Set<Integer>> pruned, int layers, int heads) {
        for (Map.Entry<Integer, ? extends Set<Integer>> entry : pruned.entrySet()) {
            int layer = entry.getKey();
            if (layer < 0 || layer >= layers) {
                return "names layer " + layer + ", but the model has the layers 0 to " + (layers - 1);
            }
            for (int head : entry.getValue()) {
                if (head < 0 || head >= heads) {
                    return "names head " + head + " of layer " + layer + ", but a layer has the heads 0 to "
                            + (heads - 1);
                }
            }
            if (entry.getValue().size() == heads) {
                return "leaves no head of layer " + layer + ", but at least one must remain";
            }
        }
        return null;
    }
}
