package dev.bert4j.hub;

import dev.bert4j.hub.HubException.Reason;
import dev.bert4j.json.Json;
import dev.bert4j.json.JsonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Which of a model's files are needed, in the order in which the loaders of this library prefer them. */
final class ModelFiles {
    private static final String CONFIG = "config.json";
    private static final String INDEX = ".index.json";
    /** One of these holds the weights, or its index says which files do. */
    private static final List<String> WEIGHTS = List.of("model.safetensors", "model.safetensors" + INDEX,
            "pytorch_model.bin", "pytorch_model.bin" + INDEX);
    private static final List<String> VOCABULARY = List.of("tokenizer.json", "vocab.txt");
    private static final List<String> TOKENIZER_EXTRAS =
            List.of("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json");
    /** One name without a path, on every system. */
    private static final Pattern PLAIN_NAME = Pattern.compile("[^/\\\\:\\p{Cntrl}]+");

    private ModelFiles() {
    }

    /** Config and weights. */
    static void model(Snapshot snapshot) throws IOException {
        snapshot.require(CONFIG);
        // Where the hub need not be asked, what the cache has is good, if it could be had in a better form, too.
        String cached = !snapshot.isPinned() ? null
                : WEIGHTS.stream().filter(snapshot::isCached).findFirst().orElse(null);
        List<String> candidates = cached == null ? WEIGHTS : List.of(cached);
        for (String name : candidates) {
            Path path = snapshot.find(name);
            if (path != null && name.endsWith(INDEX)) {
                for (String shard : shards(path)) {
                    snapshot.require(shard);
                }
            }
            if (path != null) {
                return;
            }
        }
        throw snapshot.none("weights", WEIGHTS);
    }

    /** What a tokenizer is made of. */
    static void tokenizer(Snapshot snapshot) throws IOException {
        if (!findAny(snapshot, VOCABULARY)) {
            throw snapshot.none("tokenizer", VOCABULARY);
        }
        findAny(snapshot, TOKENIZER_EXTRAS);
    }

    /** Config and weights, and a tokenizer if there is one. */
    static void all(Snapshot snapshot) throws IOException {
        model(snapshot);
        if (findAny(snapshot, VOCABULARY)) {
            findAny(snapshot, TOKENIZER_EXTRAS);
        }
    }

    private static boolean findAny(Snapshot snapshot, List<String> names) throws IOException {
        boolean found = false;
        for (String name : names) {
            found |= snapshot.find(name) != null;
        }
        return found;
    }

    /** The files that an index names. It comes from elsewhere: none of them may be outside its folder. */
    static SortedSet<String> shards(Path index) throws IOException {
        Object root;
        try {
            root = Json.parse(Files.readAllBytes(index), index.toString());
        } catch (JsonException e) {
            throw new HubException(Reason.WRONG_ANSWER, e.getMessage(), e);
        }
        if (!(root instanceof Map<?, ?> fields && fields.get("weight_map") instanceof Map<?, ?> map) || map.isEmpty()) {
            throw new HubException(Reason.WRONG_ANSWER,
                    index + ": it must have a \"weight_map\" from the tensors' names to their files.");
        }
        SortedSet<String> shards = new TreeSet<>();
        for (Object value : map.values()) {
            if (!(value instanceof String name && PLAIN_NAME.matcher(name).matches())
                    || Arrays.asList(".", "..").contains(value)) {
                throw new HubException(Reason.WRONG_ANSWER, index + ": it names the file \"" + value
                        + "\", but a file of weights must lie beside it and be named without a path.");
            }
            shards.add(name);
        }
        return shards;
    }
}
