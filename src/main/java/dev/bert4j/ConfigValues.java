package dev.bert4j;

import dev.bert4j.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The keys of a config with their JSON values, read as what they must be. */
final class ConfigValues {
    private final Map<String, Object> values;
    private final String source;

    /** Takes the map over; {@code source} says in messages where it comes from. */
    ConfigValues(Map<String, Object> values, String source) {
        this.values = Collections.unmodifiableMap(values);
        this.source = source;
    }

    /**
     * Reads the config of a model folder.
     *
     * @throws IOException if it is not there or no JSON object
     */
    static ConfigValues read(Path folder) throws IOException {
        Path file = folder.resolve(BertConfig.FILE);
        byte[] bytes;
        if (Files.isDirectory(file)) {
            throw new IOException(file + " is a folder but must be a file.");
        }
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException(Files.isDirectory(folder)
                    ? "There is no " + BertConfig.FILE + " in " + folder + "; a model folder has one."
                    : "There is no model folder " + folder + ".", e);
        }
        if (!(Json.parse(bytes, file.toString()) instanceof Map<?, ?> map)) {
            throw new IOException(file + " must hold a JSON object.");
        }
        Map<String, Object> values = new LinkedHashMap<>();
        for (Map.Entry<?, ?> field : map.entrySet()) {
            values.put((String) field.getKey(), field.getValue());
        }
        return new ConfigValues(values, file.toString());
    }

    /** A value as JSON would have it: whole numbers are longs, and what it holds is nobody else's to change. */
    static Object copy(Object value) {
        return switch (value) {
            case Integer i -> Long.valueOf(i);
            case Collection<?> all -> {
                List<Object> copy = new ArrayList<>();
                all.forEach(of -> copy.add(copy(of)));
                yield Collections.unmodifiableList(copy);
            }
            case Map<?, ?> map -> {
                Map<String, Object> copy = new LinkedHashMap<>();
                map.forEach((key, of) -> copy.put(String.valueOf(key), copy(of)));
                yield Collections.unmodifiableMap(copy);
            }
            case null, default -> value;
        };
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

    /** One of some strings; null too, where that is what stands for an absent key. */
    String oneOf(String key, List<String> known, String ifAbsent) {
        Object value = values.getOrDefault(key, ifAbsent);
        if (value == null && ifAbsent == null) {
            return null;
        }
        if (value instanceof String s && known.contains(s)) {
            return s;
        }
        throw wrong(key, "one of " + String.join(", ", known));
    }

    /** A number, several numbers, or none: the ids of tokens. */
    Set<Integer> ids(String key) {
        Object value = values.get(key);
        Set<Integer> ids = new HashSet<>();
        for (Object id : value == null ? List.of() : value instanceof List<?> list ? list : List.of(value)) {
            if (!(id instanceof Long n && n >= 0 && n <= Integer.MAX_VALUE)) {
                throw wrong(key, "an integer of at least 0, or a list of such");
            }
            ids.add(n.intValue());
        }
        return Collections.unmodifiableSet(ids);
    }

    /** What to throw where the value of a key is none that it can have. */
    IllegalArgumentException wrong(String key, String right) {
        Object value = values.get(key);
        String shown = value instanceof String s ? "'" + s + "'" : String.valueOf(value);
        return new IllegalArgumentException(source + ": " + key + " is " + shown + " but must be " + right + ".");
    }
}
