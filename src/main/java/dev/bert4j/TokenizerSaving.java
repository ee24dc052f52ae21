package dev.bert4j;

import dev.bert4j.json.Json;
import dev.bert4j.tokenizer.Template;
import dev.bert4j.tokenizer.Vocabulary;
import dev.bert4j.weights.StagedFiles;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A tokenizer as its files, and as the reference prints it, have it. */
final class TokenizerSaving {
    /** How the reference writes that there is no limit. */
    private static final BigInteger NO_LIMIT = new BigInteger("1000000000000000019884624838656");

    private final TokenizerParts parts;

    private TokenizerSaving(TokenizerParts parts) {
        this.parts = parts;
    }

    static void save(Path folder, TokenizerParts parts) throws IOException {
        TokenizerSaving saving = new TokenizerSaving(parts);
        Files.createDirectories(folder);
        try (StagedFiles files = new StagedFiles(folder)) {
            write(files, TokenizerFolder.VOCABULARY, saving.lines());
            write(files, TokenizerFolder.SPECIAL, Json.writeIndented(saving.special()) + "\n");
            write(files, TokenizerFolder.CONFIG, Json.writeIndented(saving.config()) + "\n");
            write(files, TokenizerFolder.FAST, Json.writeIndented(saving.fast()) + "\n");
            files.putInPlace();
        }
    }

    private static void write(StagedFiles files, String name, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        files.write(name, out -> {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        });
    }

    /** One token a line; an id that no token has gets an empty line. */
    private String lines() {
        StringBuilder lines = new StringBuilder();
        for (int id = 0; id < parts.vocabulary().ids(); id++) {
            String token = parts.vocabulary().token(id);
            lines.append(token == null ? "" : token).append('\n');
        }
        return lines.toString();
    }

    private Map<String, Object> special() {
        Map<String, Object> special = new LinkedHashMap<>(parts.special().byKey());
        if (!parts.special().additional().isEmpty()) {
            special.put(SpecialTokens.ADDITIONAL_KEY, parts.special().additional());
        }
        return special;
    }

    private Map<String, Object> config() {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("clean_up_tokenization_spaces", parts.cleanUp());
        config.put("do_lower_case", parts.options().doLowerCase());
        config.put("model_max_length", parts.modelMaxLength() == Integer.MAX_VALUE ? NO_LIMIT
                : Long.valueOf(parts.modelMaxLength()));
        config.put("padding_side", name(parts.paddingSide()));
        config.put("strip_accents", parts.options().stripAccents());
        config.put("tokenize_chinese_chars", parts.options().tokenizeChineseChars());
        config.put("tokenizer_class", "BertTokenizer");
        config.put("truncation_side", name(parts.truncationSide()));
        config.putAll(special());
        return config;
    }

    private static String name(Side side) {
        return side.name().toLowerCase(Locale.ROOT);
    }

    private Map<String, Object> fast() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("version", "1.0");
        json.put("truncation", null);
        json.put("padding", null);
        List<Object> added = new ArrayList<>();
        parts.addedTokens().all().forEach((id, token) -> added.add(map("id", (long) id, "content", token.content(),
                "single_word", token.singleWord(), "lstrip", token.lstrip(), "rstrip", token.rstrip(), "normalized",
                token.normalized(), "special", token.special())));
        json.put("added_tokens", added);
        json.put("normalizer", map("type", "BertNormalizer", "clean_text", true, "handle_chinese_chars",
                parts.options().tokenizeChineseChars(), "strip_accents", parts.options().stripAccents(), "lowercase",
                parts.options().doLowerCase()));
        json.put("pre_tokenizer", map("type", "BertPreTokenizer"));
        json.put("post_processor", processor());
        json.put("decoder", map("type", "WordPiece", "prefix", parts.decoder().prefix(), "cleanup",
                parts.decoder().cleansUp()));
        Map<String, Object> vocab = new LinkedHashMap<>();
        Vocabulary vocabulary = parts.vocabulary();
        for (int id = 0; id < vocabulary.ids(); id++) {
            if (vocabulary.token(id) != null) {
                vocab.put(vocabulary.token(id), (long) id);
            }
        }
        json.put("model", map("type", "WordPiece", "unk_token", vocabulary.token(parts.wordPiece().unkId()),
                "continuing_subword_prefix", parts.wordPiece().prefix(), "max_input_chars_per_word",
                (long) parts.wordPiece().maxChars(), "vocab", vocab));
        return json;
    }

    private Object processor() {
        if (parts.template().equals(Template.none())) {
            return null;
        }
        Map<String, Object> special = new LinkedHashMap<>();
        List<List<Object>> pieces = new ArrayList<>();
        for (List<Template.Piece> of : List.of(parts.template().single(), parts.template().pair())) {
            List<Object> list = new ArrayList<>();
            for (Template.Piece piece : of) {
                if (piece.isSpecial()) {
                    String token = token(piece.id());
                    special.put(token, map("id", token, "ids", List.of((long) piece.id()), "tokens", List.of(token)));
                }
                list.add(map(piece.isSpecial() ? "SpecialToken" : "Sequence", map("id", piece.isSpecial()
                        ? token(piece.id()) : piece.sequence() == 0 ? "A" : "B", "type_id", (long) piece.typeId())));
            }
            pieces.add(list);
        }
        return map("type", "TemplateProcessing", "single", pieces.get(0), "pair", pieces.get(1), "special_tokens",
                special);
    }

    private String token(int id) {
        String added = parts.addedTokens().token(id);
        return added != null ? added : parts.vocabulary().token(id);
    }

    private static Map<String, Object> map(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }

    /** As the reference prints a tokenizer. */
    static String repr(TokenizerParts parts) {
        String special = parts.special().byKey().entrySet().stream()
                .map(token -> "'" + token.getKey() + "': '" + token.getValue() + "'").collect(Collectors.joining(", "));
        if (!parts.special().additional().isEmpty()) {
            special += ", '" + SpecialTokens.ADDITIONAL_KEY + "': " + parts.special().additional().stream()
                    .map(token -> "'" + token + "'").collect(Collectors.joining(", ", "[", "]"));
        }
        return "BertTokenizerFast(name_or_path='" + parts.nameOrPath() + "', vocab_size=" + parts.vocabulary().size()
                + ", model_max_length=" + (parts.modelMaxLength() == Integer.MAX_VALUE ? NO_LIMIT.toString()
                : parts.modelMaxLength()) + ", is_fast=True, padding_side='" + name(parts.paddingSide())
                + "', truncation_side='" + name(parts.truncationSide()) + "', special_tokens={" + special
                + "}, clean_up_tokenization_spaces=" + (parts.cleanUp() ? "True" : "False") + ")";
    }
}
