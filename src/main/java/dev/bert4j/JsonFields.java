package dev.bert4j;

import java.util.List;
import java.util.Map;

/** Reads the fields of a tokenizer's JSON files as what they must be. */
final class JsonFields {
    private JsonFields() {
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Object value, String what) throws TokenizerException {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw new TokenizerException(what + " is not a JSON object");
    }

    static Map<String, Object> object(Map<String, Object> from, String key, String what) throws TokenizerException {
        return object(from.get(key), key + " of " + what);
    }

    static List<?> list(Map<String, Object> from, String key, String what) throws TokenizerException {
        Object value = from.get(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list) {
            return list;
        }
        throw wrong(key, what, value, "a list");
    }

    static boolean flag(Map<String, Object> from, String key, boolean ifAbsent, String what)
            throws TokenizerException {
        Object value = from.get(key);
        if (value == null || value instanceof Boolean) {
            return value == null ? ifAbsent : (Boolean) value;
        }
        throw wrong(key, what, value, "true or false");
    }

    /** As {@link #flag}, null where it is absent. */
    static Boolean flagOrNull(Map<String, Object> from, String key, String what) throws TokenizerException {
        return from.get(key) == null ? null : Boolean.valueOf(flag(from, key, false, what));
    }

    static String string(Map<String, Object> from, String key, String ifAbsent, String what)
            throws TokenizerException {
        Object value = from.get(key);
        if (value == null || value instanceof String) {
            return value == null ? ifAbsent : (String) value;
        }
        throw wrong(key, what, value, "a string");
    }

    static int integer(Map<String, Object> from, String key, int ifAbsent, String what) throws TokenizerException {
        Object value = from.get(key);
        if (value == null) {
            return ifAbsent;
        }
        if (value instanceof Long n && n >= 0 && n <= Integer.MAX_VALUE) {
            return n.intValue();
        }
        throw wrong(key, what, value, "a number of at least 0");
    }

    static TokenizerException wrong(String key, String what, Object value, String right) {
        return new TokenizerException(key + " of " + what + " is " + value + ", not " + right);
    }
}
