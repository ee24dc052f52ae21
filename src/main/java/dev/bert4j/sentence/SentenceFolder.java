package dev.bert4j.sentence;

import dev.bert4j.weights.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a sentence-transformers folder says.
 *
 * @param transformer the folder of the model
 * @param pooling how token vectors become one
 * @param modules what follows
 * @param dimension values of a vector in the end
 * @param maxSeqLength tokens that a text is cut to, or 0 for what the model allows
 * @param lowerCase whether texts are put in lower case before anything else
 * @param prompts texts that are put before others, by name
 * @param defaultPrompt the name of the one that is used where none is named, or null
 * @param similarity how its vectors are compared
 */
record SentenceFolder(Path transformer, Pooling pooling, List<SentenceModule> modules, int dimension, int maxSeqLength,
        boolean lowerCase, Map<String, String> prompts, String defaultPrompt, SimilarityFunction similarity) {
    private static final String MODULES = "modules.json";

    /** Reads a folder whose model has that many features. */
    static SentenceFolder read(Path folder, int features) throws IOException {
        SentenceConfig config = SentenceConfig.read(folder.resolve("config_sentence_transformers.json"));
        Map<String, String> prompts = config.object("prompts").strings();
        String defaultPrompt = config.string("default_prompt_name", null);
        if (defaultPrompt != null && !prompts.containsKey(defaultPrompt)) {
            throw config.wrong("default_prompt_name", "one of the prompts, " + prompts.keySet());
        }
        SimilarityFunction similarity = SimilarityFunction.COSINE;
        if (config.has("similarity_fn_name")) {
            try {
                similarity = SimilarityFunction.valueOf(config.string("similarity_fn_name", "")
                        .toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw config.wrong("similarity_fn_name", "cosine, dot, euclidean or manhattan");
            }
        }
        Path transformer = folder;
        Pooling pooling = null;
        List<SentenceModule> modules = new ArrayList<>();
        int dimension = features;
        if (Files.exists(folder.resolve(MODULES))) {
            for (SentenceConfig module : SentenceConfig.readList(folder.resolve(MODULES))) {
                Path at = folder.resolve(module.string("path", ""));
                String type = module.string("type", "");
                switch (type.substring(type.lastIndexOf('.') + 1)) {
                    case "Transformer" -> transformer = at;
                    case "Pooling" -> {
                        if (pooling != null) {
                            throw module.wrong("type", "another: a second Pooling has no token vectors to pool");
                        }
                        pooling = Pooling.of(SentenceConfig.readNeeded(at.resolve("config.json"), folder));
                        dimension = pooling.modes().size() * features;
                    }
                    case "Dense" -> modules.add(Dense.read(at, dimension));
                    case "Normalize" -> modules.add(new Normalize());
                    default -> throw module.wrong("type", "Transformer, Pooling, Dense or Normalize");
                }
                if (!modules.isEmpty()) {
                    if (pooling == null) {
                        throw new CheckpointException(folder.resolve(MODULES), "has " + type + " before Pooling");
                    }
                    dimension = modules.getLast().features(dimension);
                }
            }
        }
        SentenceConfig bert = SentenceConfig.read(transformer.resolve("sentence_bert_config.json"));
        return new SentenceFolder(transformer, pooling == null ? Pooling.mean() : pooling, modules, dimension,
                bert.count("max_seq_length", 0), bert.flag("do_lower_case", false), prompts, defaultPrompt, similarity);
    }

    /** The folder in which the model of a folder lies: that of its first module. */
    static Path transformer(Path folder) throws IOException {
        if (Files.exists(folder.resolve(MODULES))) {
            for (SentenceConfig module : SentenceConfig.readList(folder.resolve(MODULES))) {
                if (module.string("type", "").endsWith("Transformer")) {
                    return folder.resolve(module.string("path", ""));
                }
            }
        }
        return folder;
    }
}
