package dev.bert4j;

import dev.bert4j.tokenizer.AddedTokens;
import dev.bert4j.tokenizer.Template;
import dev.bert4j.tokenizer.Template.Piece;
import dev.bert4j.tokenizer.Vocabulary;
import dev.bert4j.tokenizer.WordPiece;
import dev.bert4j.tokenizer.WordPieceDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The parts that a tokenizer.json describes. Other parts than those of BERT are refused by their names. */
final class TokenizerJson {
    private final Map<String, Object> json;
    private final String file;
    private final Map<String, Object> model;

    TokenizerJson(Map<String, Object> json, String file) throws TokenizerException {
        this.json = json;
        this.file = file;
        model = part("model", "WordPiece");
        part("pre_tokenizer", "BertPreTokenizer");
    }

    /** A part of that type, which must be there. */
    private Map<String, Object> part(String key, String type) throws TokenizerException {
        Object value = json.get(key);
        Object is = value instanceof Map<?, ?> map ? map.get("type") : null;
        // Older files leave the type of the model out.
        if (value instanceof Map<?, ?> && (type.equals(is) || is == null && key.equals("model"))) {
            return JsonFields.object(json, key, file);
        }
        throw new TokenizerException("the " + key + " of " + file + " is " + (is == null ? "not there" : "a " + is)
                + ", but a BERT's must be a " + type);
    }

    Vocabulary vocabulary() throws TokenizerException {
        Map<String, Object> vocab = JsonFields.object(model, "vocab", file);
        Map<String, Integer> ids = LinkedHashMap.newLinkedHashMap(vocab.size());
        for (Map.Entry<String, Object> token : vocab.entrySet()) {
            if (!(token.getValue() instanceof Long id) || id < 0 || id > Integer.MAX_VALUE) {
                throw JsonFields.wrong(token.getKey(), "the vocabulary of " + file, token.getValue(),
                        "a number of at least 0");
            }
            ids.put(token.getKey(), id.intValue());
        }
        return Vocabulary.of(ids, file);
    }

    WordPiece wordPiece(Vocabulary vocabulary) throws TokenizerException {
        String unk = JsonFields.string(model, "unk_token", "[UNK]", file);
        int id = vocabulary.id(unk);
        if (id < 0) {
            throw new TokenizerException("the vocabulary of " + file + " has no token " + unk
                    + ", which words that it cannot make up become");
        }
        return new WordPiece(vocabulary, id,
                JsonFields.string(model, "continuing_subword_prefix", WordPiece.CONTINUING_SUBWORD_PREFIX, file),
                JsonFields.integer(model, "max_input_chars_per_word", WordPiece.MAX_INPUT_CHARS_PER_WORD, file));
    }

    TokenizerOptions options() throws TokenizerException {
        Map<String, Object> normalizer = part("normalizer", "BertNormalizer");
        if (!JsonFields.flag(normalizer, "clean_text", true, file)) {
            throw new TokenizerException("the normalizer of " + file + " does not clean texts (clean_text), which is"
                    + " not supported");
        }
        return new TokenizerOptions(JsonFields.flag(normalizer, "lowercase", true, file),
                JsonFields.flagOrNull(normalizer, "strip_accents", file),
                JsonFields.flag(normalizer, "handle_chinese_chars", true, file));
    }

    AddedTokens addedTokens(Vocabulary vocabulary) throws TokenizerException {
        Map<Integer, AddedToken> byId = new TreeMap<>();
        for (Object each : JsonFields.list(json, "added_tokens", file)) {
            Map<String, Object> token = JsonFields.object(each, "an added token of " + file);
            boolean special = JsonFields.flag(token, "special", false, file);
            String content = JsonFields.string(token, "content", "", file);
            int id = JsonFields.integer(token, "id", -1, "an added token of " + file);
            if (content.isEmpty() || id < 0) {
                throw new TokenizerException("an added token of " + file + " has no content or no id");
            }
            if (byId.put(id, new AddedToken(content, JsonFields.flag(token, "single_word", false, file),
                    JsonFields.flag(token, "lstrip", false, file), JsonFields.flag(token, "rstrip", false, file),
                    JsonFields.flag(token, "normalized", !special, file), special)) != null) {
                throw new TokenizerException(file + " gives the id " + id + " to two added tokens");
            }
        }
        AddedTokens tokens = AddedTokens.none(vocabulary).with(List.copyOf(byId.values()));
        for (Map.Entry<Integer, AddedToken> token : byId.entrySet()) {
            int id = tokens.id(token.getValue().content());
            if (id != token.getKey()) {
                throw new TokenizerException(file + " gives the added token " + token.getValue().content() + " the id "
                        + token.getKey() + ", but it would be " + id);
            }
        }
        return tokens;
    }

    Template template(Vocabulary vocabulary, AddedTokens added) throws TokenizerException {
        if (json.get("post_processor") == null) {
            return Template.none();
        }
        Map<String, Object> processor = JsonFields.object(json, "post_processor", file);
        String type = String.valueOf(processor.get("type"));
        return switch (type) {
            case "BertProcessing" -> Template.bert(id(processor, "cls"), id(processor, "sep"));
            case "TemplateProcessing" -> new Template(pieces(processor, "single", vocabulary, added),
                    pieces(processor, "pair", vocabulary, added));
            default -> throw new TokenizerException("the post_processor of " + file + " is a " + type
                    + ", but a BERT's must be TemplateProcessing or BertProcessing");
        };
    }

    /** Of a pair of a token and its id. */
    private int id(Map<String, Object> processor, String key) throws TokenizerException {
        List<?> pair = JsonFields.list(processor, key, file);
        if (pair.size() == 2 && pair.get(1) instanceof Long id && id >= 0 && id <= Integer.MAX_VALUE) {
            return id.intValue();
        }
        throw JsonFields.wrong(key, "the post_processor of " + file, pair, "a token and its id");
    }

    private List<Piece> pieces(Map<String, Object> processor, String key, Vocabulary vocabulary, AddedTokens added)
            throws TokenizerException {
        String what = "the post_processor of " + file;
        List<Piece> pieces = new ArrayList<>();
        for (Object each : JsonFields.list(processor, key, what)) {
            Map<String, Object> piece = JsonFields.object(each, "a piece of " + what);
            boolean text = piece.containsKey("Sequence");
            Map<String, Object> of = JsonFields.object(piece, text ? "Sequence" : "SpecialToken", what);
            String name = JsonFields.string(of, "id", "", what);
            int typeId = JsonFields.integer(of, "type_id", 0, what);
            if (text) {
                if (!name.equals("A") && !(name.equals("B") && key.equals("pair"))) {
                    throw new TokenizerException(key + " of " + what + " has a text " + name + ", which there is not");
                }
                pieces.add(Piece.text(name.equals("A") ? 0 : 1, typeId));
                continue;
            }
            int id = added.id(name) >= 0 ? added.id(name) : vocabulary.id(name);
            if (id < 0) {
                throw new TokenizerException(key + " of " + what + " has the token " + name
                        + ", which the vocabulary lacks");
            }
            pieces.add(Piece.special(id, typeId));
        }
        return List.copyOf(pieces);
    }

    WordPieceDecoder decoder() throws TokenizerException {
        if (json.get("decoder") == null) {
            return new WordPieceDecoder(WordPiece.CONTINUING_SUBWORD_PREFIX, true);
        }
        Map<String, Object> decoder = part("decoder", "WordPiece");
        return new WordPieceDecoder(
                JsonFields.string(decoder, "prefix", WordPiece.CONTINUING_SUBWORD_PREFIX, file),
                JsonFields.flag(decoder, "cleanup", true, file));
    }

    /** Truncation and padding that the file asks for; null if they are of different lengths, which no call can have. */
    EncodeOptions encodeOptions() throws TokenizerException {
        EncodeOptions options = EncodeOptions.defaults();
        Side truncated = null;
        Side padded = null;
        if (json.get("truncation") != null) {
            Map<String, Object> truncation = JsonFields.object(json, "truncation", file);
            options = options.withTruncation(switch (JsonFields.string(truncation, "strategy", "LongestFirst", file)) {
                case "OnlyFirst" -> TruncationStrategy.ONLY_FIRST;
                case "OnlySecond" -> TruncationStrategy.ONLY_SECOND;
                default -> TruncationStrategy.LONGEST_FIRST;
            }).withMaxLength(JsonFields.integer(truncation, "max_length", 512, file))
                    .withStride(JsonFields.integer(truncation, "stride", 0, file));
            truncated = side(truncation);
        }
        if (json.get("padding") != null) {
            Map<String, Object> padding = JsonFields.object(json, "padding", file);
            padded = side(padding);
            options = options.withPadToMultipleOf(JsonFields.integer(padding, "pad_to_multiple_of", 0, file));
            if (padding.get("strategy") instanceof Map<?, ?> fixed && fixed.get("Fixed") instanceof Long length) {
                int tokens = Math.clamp(length, 0, Integer.MAX_VALUE);
                if (options.truncation() != TruncationStrategy.DO_NOT_TRUNCATE && tokens != options.maxLength()) {
                    return null;
                }
                options = options.withPadding(PaddingStrategy.MAX_LENGTH).withMaxLength(tokens);
            } else {
                options = options.withPadding(PaddingStrategy.LONGEST);
            }
        }
        return options.withSides(truncated, padded);
    }

    private Side side(Map<String, Object> from) throws TokenizerException {
        return JsonFields.string(from, "direction", "Right", file).equals("Left") ? Side.LEFT : Side.RIGHT;
    }
}
