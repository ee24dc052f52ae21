package dev.bert4j;

import java.util.Collections;
import java.util.Map;

/** The keys of a config with their JSON values, read as what they must be. */
final class ConfigValues {
    private final Map<String, Object> values;
    private final String source;

    /** Takes the map over; {@code source} says in messages where it comes from. */
    ConfigValues(Map<String, Object> values, String source) {
        this.values = Collections.unmodifiableMap(values);
        this.source = source;
    }

    Map<String, Object> map() {
        return values;
    }

    /** Where the values come from. */
    String source() {
        return source;
    }

    /** The JSON value of a key, null where it is absent or null. */
    Object get(String key) {
        return values.get(key);
    }

    /** Whether a key is there and null. */
    boolean isNull(String key) {
        return values.containsKey(key) && values.get(key) == null;
    }

    int integer(String key, int ifAbsent, int least) {
        Object value = values.getOrDefault(key, (long) ifAbsent);
        if (value instanceof Long n && n >= least && n <= Integer.MAX_VALUE) {
            return n.intValue();
        }
        throw wrong(key, "an integer of at least " + least);
    }

    double number(String key, double ifAbsent) {
        Object value = values.getOrDefault(key, ifAbsent);
        if (value instanceof Number n) {
            return n.doubleValue();
        }
        throw wrong(key, "a number");
    }

    boolean flag(String key, boolean ifAbsent) {
        Object value = values.getOrDefault(key, ifAbsent);
        if (value instanceof Boolean b) {
            return b;
        }
        throw wrong(key, "true or false");
    }

    String string(String key, String ifAbsent) {
        Object value = values.getOrDefault(key, ifAbsent);
        if (value instanceof String s) {
            return s;
        }
        throw wrong(key, "a string");
    }

    /** What to throw where the value of a key is none that it can have. */
    IllegalArgumentException wrong(String key, String right) {
        Object value = values.get(key);
        String shown = value instanceof String s ? "'" + s + "'" : String.valueOf(value);
        return new IllegalArgumentException(source + ": " + key + " is " + shown + " but must be " + right + ".");
    }
}
