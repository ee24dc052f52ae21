package dev.bert4j.sentence;

import dev.bert4j.json.Json;
import dev.bert4j.weights.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A JSON file of a sentence-transformers folder; a value of the wrong kind is refused by the name of the file. */
final class SentenceConfig {
    private final Path file;
    private final Map<?, ?> values;

    private SentenceConfig(Path file, Map<?, ?> values) {
        this.file = file;
        this.values = values;
    }

    /** The object in a file; an empty one where there is no file. */
    static SentenceConfig read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return new SentenceConfig(file, Map.of());
        }
        if (Json.parse(Files.readAllBytes(file), file.toString()) instanceof Map<?, ?> values) {
            return new SentenceConfig(file, values);
        }
        throw new CheckpointException(file, "must be a JSON object");
    }

    /** The object in a file that modules.json of a folder speaks of. */
    static SentenceConfig readNeeded(Path file, Path folder) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(file, "is missing, and modules.json of " + folder + " says that it is there");
        }
        return read(file);
    }

    /** The list of objects in a file. */
    static List<SentenceConfig> readList(Path file) throws IOException {
        Object read = Json.parse(Files.readAllBytes(file), file.toString());
        if (read instanceof List<?> list && list.stream().allMatch(Map.class::isInstance)) {
            return list.stream().map(each -> new SentenceConfig(file, (Map<?, ?>) each)).toList();
        }
        throw new CheckpointException(file, "must be a JSON list of objects");
    }

    boolean has(String key) {
        return values.get(key) != null;
    }

    /** The object under a key; empty where there is none. */
    SentenceConfig object(String key) throws CheckpointException {
        return new SentenceConfig(file, has(key) ? of(key, Map.class, "an object") : Map.of());
    }

    String string(String key, String ifAbsent) throws CheckpointException {
        return has(key) ? of(key, String.class, "a string") : ifAbsent;
    }

    boolean flag(String key, boolean ifAbsent) throws CheckpointException {
        return has(key) ? of(key, Boolean.class, "true or false") : ifAbsent;
    }

    /** A number from 1 on. */
    int count(String key, int ifAbsent) throws CheckpointException {
        if (!has(key)) {
            return ifAbsent;
        }
        double number = of(key, Number.class, "a whole number from 1 on").doubleValue();
        if (number < 1 || number > Integer.MAX_VALUE || number != Math.rint(number)) {
            throw wrong(key, "a whole number from 1 on");
        }
        return (int) number;
    }

    /** Names under a key: a string, or a list of them. */
    List<String> names(String key) throws CheckpointException {
        Object value = values.get(key);
        if (value instanceof String name) {
            return List.of(name);
        }
        if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
            return list.stream().map(String.class::cast).toList();
        }
        throw wrong(key, "a name or a list of names");
    }

    /** All keys, whose values must be strings, in order. */
    Map<String, String> strings() throws CheckpointException {
        Map<String, String> all = new LinkedHashMap<>();
        for (Object key : values.keySet()) {
            all.put((String) key, of((String) key, String.class, "a string"));
        }
        return all;
    }

    private <T> T of(String key, Class<T> type, String right) throws CheckpointException {
        if (!type.isInstance(values.get(key))) {
            throw wrong(key, right);
        }
        return type.cast(values.get(key));
    }

    CheckpointException wrong(String key, String right) {
        return new CheckpointException(file, "'" + key + "' is " + Json.write(values.get(key)) + " and must be "
                + right);
    }
}
