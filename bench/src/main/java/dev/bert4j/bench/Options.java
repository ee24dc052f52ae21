package dev.bert4j.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Options of a command as {@code --name value}, and flags. Each is taken once; what nobody took is refused. */
final class Options {
    private final Map<String, List<String>> given = new TreeMap<>();
    private final TreeSet<String> known = new TreeSet<>();

    /**
     * Reads them.
     *
     * @param flags which of them stand alone, without a value
     */
    Options(String[] args, String... flags) {
        List<String> alone = List.of(flags);
        known.addAll(alone);
        for (int i = 0; i < args.length; i += 2) {
            if (alone.contains(args[i])) {
                given.put(args[i--], new ArrayList<>());
                continue;
            }
            if (!args[i].startsWith("--") || i + 1 == args.length) {
                throw new IllegalArgumentException("Options are pairs, --name value; what is '" + args[i] + "'?");
            }
            given.computeIfAbsent(args[i], name -> new ArrayList<>()).add(args[i + 1]);
        }
    }

    /** The values of an option that may be given more than once. */
    List<String> all(String name) {
        known.add(name);
        List<String> values = given.remove(name);
        return values == null ? List.of() : values;
    }

    /** Whether a flag is given. */
    boolean flag(String name) {
        return given.remove(name) != null;
    }

    String text(String name, String otherwise) {
        List<String> values = all(name);
        return values.isEmpty() ? otherwise : values.getLast();
    }

    int number(String name, int otherwise) {
        return Integer.parseInt(text(name, Integer.toString(otherwise)));
    }

    /** A length of time in seconds, as nanoseconds. */
    long nanos(String name, double otherwise) {
        return Math.round(1e9 * Double.parseDouble(text(name, Double.toString(otherwise))));
    }

    /** Numbers with commas between. */
    int[] numbers(String name, String otherwise) {
        return Arrays.stream(text(name, otherwise).split(",")).mapToInt(Integer::parseInt).toArray();
    }

    /** Ends the taking. */
    void refuseOthers() {
        if (!given.isEmpty()) {
            throw new IllegalArgumentException("There is no option " + String.join(", ", given.keySet())
                    + "; there are " + String.join(", ", known) + ".");
        }
    }
}
