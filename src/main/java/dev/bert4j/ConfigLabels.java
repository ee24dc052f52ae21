package dev.bert4j;

import java.lang.System.Logger.Level;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The keys of a config that say which labels a classification has and how it is trained. */
final class ConfigLabels {
    private static final String NAMES = "id2label";
    private static final String NUMBERS = "label2id";
    private static final String COUNT = "num_labels";
    private static final String PROBLEM = "problem_type";
    private static final List<String> PROBLEM_TYPES =
            List.of("regression", "single_label_classification", "multi_label_classification");

    private final ConfigValues values;
    /** Null where the config has only a number of labels, or none; that may be large. */
    private final SortedMap<Integer, String> named;

    /** Checks the keys. */
    ConfigLabels(ConfigValues values) {
        this.values = values;
        named = values.get(NAMES) == null ? null : names(values);
        if (values.get(COUNT) != null || named == null) {
            count();
        }
        if (values.get(NUMBERS) != null) {
            numbers();
        }
        problemType();
    }

    private static SortedMap<Integer, String> names(ConfigValues values) {
        String right = "an object that names all labels from 0 on, as in {\"0\": \"NEGATIVE\", \"1\": \"POSITIVE\"}";
        if (!(values.get(NAMES) instanceof Map<?, ?> json)) {
            throw values.wrong(NAMES, right);
        }
        SortedMap<Integer, String> names = new TreeMap<>();
        json.forEach((id, name) -> {
            // At most nine digits, so that the number is an int.
            boolean number = id instanceof String digits && digits.matches("0|[1-9][0-9]{0,8}");
            // Some are numbers again, where nobody thought of names.
            if (!number || !(name instanceof String || name instanceof Long)) {
                throw values.wrong(NAMES, right);
            }
            names.put(Integer.valueOf((String) id), name.toString());
        });
        if (names.isEmpty() || names.lastKey() != names.size() - 1) {
            throw values.wrong(NAMES, right);
        }
        return Collections.unmodifiableSortedMap(names);
    }

    /** Labels without names, unless the key of the names counts. */
    private int count() {
        return values.integer(COUNT, 2, 1);
    }

    private Map<String, Integer> numbers() {
        String right = "an object of labels and their numbers, as in {\"NEGATIVE\": 0, \"POSITIVE\": 1}";
        if (!(values.get(NUMBERS) instanceof Map<?, ?> json)) {
            throw values.wrong(NUMBERS, right);
        }
        Map<String, Integer> numbers = new LinkedHashMap<>();
        json.forEach((name, id) -> {
            if (!(name instanceof String label && id instanceof Long number && number >= 0
                    && number <= Integer.MAX_VALUE)) {
                throw values.wrong(NUMBERS, right);
            }
            numbers.put(label, number.intValue());
        });
        return numbers;
    }

    /** How many there are. */
    int numLabels() {
        return named == null ? count() : named.size();
    }

    /** Number → name; LABEL_0 and so on where the config does not name them. */
    SortedMap<Integer, String> id2label() {
        if (named != null) {
            return named;
        }
        SortedMap<Integer, String> names = new TreeMap<>();
        for (int id = 0; id < count(); id++) {
            names.put(id, "LABEL_" + id);
        }
        return Collections.unmodifiableSortedMap(names);
    }

    /** Name → number; as the config says it beside the names, else the names turned round. */
    Map<String, Integer> label2id() {
        if (named != null && values.get(NUMBERS) != null) {
            return Collections.unmodifiableMap(numbers());
        }
        return Collections.unmodifiableMap(turnedRound());
    }

    private Map<String, Integer> turnedRound() {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        id2label().forEach((id, name) -> numbers.put(name, id));
        return numbers;
    }

    /** What the loss of a sequence classification is, or null where labels tell. */
    String problemType() {
        return values.oneOf(PROBLEM, PROBLEM_TYPES, null);
    }

    /** Asked for where there is something to say: to bring logging up takes a fresh JVM as long as to open a model. */
    private static System.Logger log() {
        return System.getLogger(ConfigLabels.class.getPackageName());
    }

    /** Logs it where names and number of labels contradict each other: the names count. */
    void warnOfContradiction() {
        if (named != null && values.get(COUNT) != null && count() != named.size()) {
            log().log(Level.WARNING, values.source() + ": " + COUNT + " is " + count() + " but " + NAMES + " names "
                    + named.size() + "; the names count.");
        }
    }

    /** Refuses numbers of labels that somebody just set and that are not those of their names; files have such. */
    void checkChanged(String key) {
        if (key.equals(NUMBERS) && values.get(NUMBERS) != null && !numbers().equals(turnedRound())) {
            throw values.wrong(NUMBERS, "what " + NAMES + " says turned round, " + turnedRound() + "; change " + NAMES
                    + ", which " + NUMBERS + " follows");
        }
    }

    /**
     * Removes from the keys of a config, one of which was just changed, those that it contradicts, so that the changed
     * one counts: a number of labels ends other names, and names end another number and what was said of their own.
     */
    static void settle(Map<String, Object> keys, String changed) {
        if (changed.equals(NAMES)) {
            keys.remove(COUNT);
            keys.remove(NUMBERS);
        } else if (changed.equals(COUNT)) {
            boolean same = keys.get(NAMES) instanceof Map<?, ?> names
                    && Long.valueOf(names.size()).equals(keys.get(COUNT));
            if (!same) {
                keys.remove(NAMES);
                keys.remove(NUMBERS);
            }
        }
    }
}
