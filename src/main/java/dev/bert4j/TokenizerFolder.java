package dev.bert4j;

import dev.bert4j.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What from_pretrained finds in a folder.
 *
 * @param vocabulary path of the vocab.txt
 * @param modelMaxLength tokens, Integer.MAX_VALUE when the folder sets no limit
 */
record TokenizerFolder(Path vocabulary, TokenizerOptions options, int modelMaxLength) {
    private static final String VOCABULARY = "vocab.txt";
    private static final String CONFIG = "tokenizer_config.json";
    private static final String FAST = "tokenizer.json";

    static TokenizerFolder open(Path folderOrVocabFile) throws IOException {
        if (!Files.exists(folderOrVocabFile)) {
            throw new TokenizerException("there is no tokenizer at " + folderOrVocabFile
                    + ": it should be a folder with " + VOCABULARY + " or such a file itself");
        }
        if (!Files.isDirectory(folderOrVocabFile)) {
            return new TokenizerFolder(folderOrVocabFile, TokenizerOptions.defaults(), Integer.MAX_VALUE);
        }
        Path vocabulary = folderOrVocabFile.resolve(VOCABULARY);
        if (!Files.isRegularFile(vocabulary)) {
            throw new TokenizerException("the folder " + folderOrVocabFile + " has no " + VOCABULARY
                    + (Files.exists(folderOrVocabFile.resolve(FAST))
                            ? ", and its " + FAST + " is a form that is not read yet" : ""));
        }
        Path config = folderOrVocabFile.resolve(CONFIG);
        return Files.exists(config) ? read(vocabulary, config)
                : new TokenizerFolder(vocabulary, TokenizerOptions.defaults(), Integer.MAX_VALUE);
    }

    private static TokenizerFolder read(Path vocabulary, Path config) throws IOException {
        if (!(Json.parse(Files.readAllBytes(config), config.toString()) instanceof Map<?, ?> values)) {
            throw new TokenizerException(config + " is not a JSON object");
        }
        TokenizerOptions defaults = TokenizerOptions.defaults();
        TokenizerOptions options = new TokenizerOptions(
                flag(values, "do_lower_case", defaults.doLowerCase(), config),
                flag(values, "strip_accents", defaults.stripAccents(), config),
                flag(values, "tokenize_chinese_chars", defaults.tokenizeChineseChars(), config));
        return new TokenizerFolder(vocabulary, options, modelMaxLength(values, config));
    }

    private static Boolean flag(Map<?, ?> values, String key, Boolean absent, Path config) throws TokenizerException {
        Object value = values.get(key);
        if (value == null) {
            return absent;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw new TokenizerException(key + " in " + config + " is " + value + ", not true or false");
    }

    private static int modelMaxLength(Map<?, ?> values, Path config) throws TokenizerException {
        Object value = values.get("model_max_length");
        if (value == null) {
            return Integer.MAX_VALUE;
        }
        if (value instanceof Number number && number.doubleValue() >= 1) {
            // "No limit" is written as 10^30; the cast saturates.
            return (int) number.doubleValue();
        }
        throw new TokenizerException("model_max_length in " + config + " is " + value + ", not a positive number");
    }
}
