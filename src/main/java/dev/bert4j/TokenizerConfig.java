package dev.bert4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What tokenizer_config.json and special_tokens_map.json say. */
final class TokenizerConfig {
    private final Map<String, Object> config;
    private final Map<String, Object> specialMap;
    private final String configName;
    private final String specialName;

    TokenizerConfig(Map<String, Object> config, Map<String, Object> specialMap, String configName,
            String specialName) {
        this.config = config;
        this.specialMap = specialMap;
        this.configName = configName;
        this.specialName = specialName;
    }

    /** Whether there is a tokenizer_config.json. */
    boolean isThere() {
        return !config.isEmpty();
    }

    TokenizerOptions options() throws TokenizerException {
        TokenizerOptions defaults = TokenizerOptions.defaults();
        return new TokenizerOptions(JsonFields.flag(config, "do_lower_case", defaults.doLowerCase(), configName),
                JsonFields.flagOrNull(config, "strip_accents", configName),
                JsonFields.flag(config, "tokenize_chinese_chars", defaults.tokenizeChineseChars(), configName));
    }

    /** Tokens, Integer.MAX_VALUE where there is no limit, which is written as 10³⁰. */
    int modelMaxLength() throws TokenizerException {
        Object value = config.get("model_max_length");
        if (value == null) {
            return Integer.MAX_VALUE;
        }
        if (value instanceof Number number && number.doubleValue() >= 1) {
            return (int) number.doubleValue(); // the cast saturates
        }
        throw JsonFields.wrong("model_max_length", configName, value, "a positive number");
    }

    Side side(String key) throws TokenizerException {
        String side = JsonFields.string(config, key, "right", configName);
        return switch (side) {
            case "left" -> Side.LEFT;
            case "right" -> Side.RIGHT;
            default -> throw JsonFields.wrong(key, configName, side, "left or right");
        };
    }

    boolean cleanUp() throws TokenizerException {
        return JsonFields.flag(config, "clean_up_tokenization_spaces", true, configName);
    }

    SpecialTokens special() throws TokenizerException {
        List<String> tokens = new ArrayList<>();
        for (Map.Entry<String, String> token : SpecialTokens.BERT.byKey().entrySet()) {
            String inMap = content(specialMap.get(token.getKey()), token.getKey(), specialName);
            String inConfig = content(config.get(token.getKey()), token.getKey(), configName);
            tokens.add(inMap != null ? inMap : inConfig != null ? inConfig : token.getValue());
        }
        Map<String, Object> source = specialMap.containsKey(SpecialTokens.ADDITIONAL_KEY) ? specialMap : config;
        List<String> additional = new ArrayList<>();
        for (Object token : JsonFields.list(source, SpecialTokens.ADDITIONAL_KEY, configName)) {
            additional.add(content(token, SpecialTokens.ADDITIONAL_KEY, configName));
        }
        return new SpecialTokens(tokens.get(0), tokens.get(1), tokens.get(2), tokens.get(3), tokens.get(4),
                List.copyOf(additional));
    }

    /** A token is written as its text, or as an object with its properties. */
    private static String content(Object token, String key, String what) throws TokenizerException {
        Object content = token instanceof Map<?, ?> map ? map.get("content") : token;
        if (token == null || content instanceof String text && !text.isEmpty()) {
            return (String) content;
        }
        throw JsonFields.wrong(key, what, token, "a token");
    }
}
