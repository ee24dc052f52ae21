package dev.bert4j.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.bert4j.AddedToken;
import dev.bert4j.BertTokenizer;
import dev.bert4j.EncodeOptions;
import dev.bert4j.Encoding;
import dev.bert4j.Golden;
import dev.bert4j.PaddingStrategy;
import dev.bert4j.Side;
import dev.bert4j.Span;
import dev.bert4j.TokenizerOptions;
import dev.bert4j.TruncationStrategy;
import dev.bert4j.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every row of every file that the reference answered must come out the same; a file that no call is for fails. */
final class GoldenTokenizerTest {
    private static final Path TOKENIZER = Golden.folder().resolve("tokenizer");
    private static final Path RANDOM = Path.of("src/test/resources/tokenizer");
    private static final List<String> FIELDS = List.of("ids", "tokens", "offsets", "offsets16", "word_ids",
            "sequence_ids", "type_ids", "attention_mask", "special_tokens_mask");
    private final Map<Object, BertTokenizer> tokenizers = new HashMap<>();

    /** What is done with a row. */
    @FunctionalInterface
    private interface Row {
        void compare(Map<String, Object> row) throws IOException;
    }

    @TestFactory
    List<DynamicTest> files() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path folder : List.of(TOKENIZER, RANDOM)) {
            try (Stream<Path> all = Files.walk(folder)) {
                all.filter(file -> file.toString().endsWith(".jsonl")).sorted().forEach(files::add);
            }
        }
        assertTrue(files.size() >= 17, files.size() + " files");
        return files.stream().map(file -> dynamicTest(file.getParent().getFileName() + "/" + file.getFileName(),
                () -> compare(file))).toList();
    }

    private void compare(Path file) throws IOException {
        Path folder = file.getParent();
        String name = file.getFileName().toString().replace(".jsonl", "");
        BertTokenizer ofFolder = folder.getFileName().toString().startsWith("folder_")
                ? BertTokenizer.fromPretrained(folder) : null;
        Row compare = switch (name) {
            case "cased" -> row -> encode(row, tokenizer(Map.of("vocab", "cased", "do_lower_case", false)));
            case "uncased" -> row -> encode(row, tokenizer(Map.of("vocab", "uncased", "do_lower_case", true)));
            case "pairs", "variants", "random_texts", "random_marks" -> row -> encode(row, tokenizer(row));
            case "added_tokens" -> row -> {
                encode(row, tokenizer(row));
                decoded(row, tokenizer(row));
                assertEquals(row.get("size"), (long) tokenizer(row).size());
            };
            case "truncation", "split_words" -> this::withOptions;
            case "padding" -> this::batch;
            case "decode" -> row -> assertEquals(row.get("text"), tokenizer(row).decode(ids(row),
                    (Boolean) row.get("skip_special_tokens"), (Boolean) row.get("clean_up_tokenization_spaces")));
            case "tokens_to_string" -> row -> assertEquals(row.get("fast"),
                    tokenizer(Map.of("vocab", "cased", "do_lower_case", false)).tokensToString(strings(row, "tokens")));
            case "lookups" -> this::lookups;
            case "expected" -> row -> {
                encode(row, ofFolder);
                decoded(row, ofFolder);
            };
            case "expected_raw" -> row -> compare(row,
                    ofFolder.encode((String) row.get("text"), ofFolder.fileOptions()));
            default -> throw new AssertionError("no call for " + file);
        };
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        for (String line : lines) {
            try {
                compare.compare(object(Json.parse(line, file.toString())));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(line, e);
            }
        }
        System.out.println("Tokenizer: " + folder.getFileName() + "/" + file.getFileName() + ", " + lines.size()
                + " rows compared");
        assertFalse(lines.isEmpty(), file + " has no rows");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object json) {
        return (Map<String, Object>) json;
    }

    private static List<String> strings(Map<String, Object> row, String key) {
        return row.get(key) == null ? null : ((List<?>) row.get(key)).stream().map(String.class::cast).toList();
    }

    private static int[] ids(Map<String, Object> row) {
        return ((List<?>) row.get("ids")).stream().mapToInt(id -> ((Long) id).intValue()).toArray();
    }

    private static void encode(Map<String, Object> row, BertTokenizer tokenizer) {
        compare(row, tokenizer.encode((String) row.get("text"), (String) row.get("text_pair"),
                !Boolean.FALSE.equals(row.get("add_special_tokens"))));
    }

    private static void decoded(Map<String, Object> row, BertTokenizer tokenizer) {
        assertEquals(row.get("decoded"), tokenizer.decode(ids(row)));
        assertEquals(row.get("decoded_skip"), tokenizer.decode(ids(row), true, true));
    }

    /** Compares all fields that both have. */
    private static void compare(Map<String, Object> row, Encoding encoding) {
        Map<String, Object> actual = asRow(encoding);
        long compared = FIELDS.stream().filter(row::containsKey).peek(field ->
                assertEquals(row.get(field), actual.get(field), field)).count();
        assertTrue(compared >= 3, "fields of " + row.keySet());
        if (row.containsKey("overflowing")) {
            List<?> windows = (List<?>) row.get("overflowing");
            assertEquals(windows.size(), encoding.overflowing().size(), "windows");
            for (int i = 0; i < windows.size(); i++) {
                compare(object(windows.get(i)), encoding.overflowing().get(i));
            }
        }
    }

    private void withOptions(Map<String, Object> row) throws IOException {
        Map<String, Object> kwargs = object(row.get("kwargs"));
        EncodeOptions options = options(kwargs);
        BertTokenizer tokenizer = tokenizer(row);
        boolean tooFewForSpecials = options.truncation() != TruncationStrategy.DO_NOT_TRUNCATE
                && options.maxLength() >= 0 && options.addSpecialTokens()
                && options.maxLength() < (row.get("text_pair") == null && row.get("words_pair") == null ? 2 : 3);
        if (row.containsKey("error") || tooFewForSpecials) {
            // The reference does not cut at all where the special tokens alone are too many; here it is an error.
            assertThrows(IllegalArgumentException.class, () -> encode(tokenizer, row, options));
        } else {
            compare(row, encode(tokenizer, row, options));
        }
    }

    private static Encoding encode(BertTokenizer tokenizer, Map<String, Object> row, EncodeOptions options) {
        return row.containsKey("words")
                ? tokenizer.encodeWords(strings(row, "words"), strings(row, "words_pair"), options)
                : tokenizer.encode((String) row.get("text"), (String) row.get("text_pair"), options);
    }

    private static EncodeOptions options(Map<String, Object> kwargs) {
        EncodeOptions options = EncodeOptions.defaults();
        for (Map.Entry<String, Object> argument : kwargs.entrySet()) {
            Object value = argument.getValue();
            options = switch (argument.getKey()) {
                case "add_special_tokens" -> options.withSpecialTokens((Boolean) value);
                case "truncation" -> options.withTruncation(Boolean.TRUE.equals(value)
                        ? TruncationStrategy.LONGEST_FIRST
                        : TruncationStrategy.valueOf(((String) value).toUpperCase(Locale.ROOT)));
                case "max_length" -> options.withMaxLength(((Long) value).intValue());
                case "stride" -> options.withStride(((Long) value).intValue());
                case "padding" -> options.withPadding(Boolean.TRUE.equals(value) ? PaddingStrategy.LONGEST
                        : PaddingStrategy.valueOf(((String) value).toUpperCase(Locale.ROOT)));
                case "pad_to_multiple_of" -> options.withPadToMultipleOf(((Long) value).intValue());
                case "return_overflowing_tokens" -> options;
                default -> throw new AssertionError("no option for " + argument);
            };
        }
        return options;
    }

    private void batch(Map<String, Object> row) throws IOException {
        BertTokenizer tokenizer = tokenizer(row);
        EncodeOptions options = options(object(row.get("kwargs")));
        if (row.containsKey("error")) {
            assertThrows(IllegalArgumentException.class, () -> tokenizer.encodeBatch(strings(row, "batch"), options));
            return;
        }
        boolean all = Boolean.TRUE.equals(object(row.get("kwargs")).get("return_overflowing_tokens"));
        List<Encoding> windows = new ArrayList<>();
        List<Long> samples = new ArrayList<>();
        List<Encoding> encodings = tokenizer.encodeBatch(strings(row, "batch"), options);
        for (int i = 0; i < encodings.size(); i++) {
            windows.add(encodings.get(i));
            windows.addAll(all ? encodings.get(i).overflowing() : List.of());
            while (samples.size() < windows.size()) {
                samples.add((long) i);
            }
        }
        assertEquals(row.get("overflow_to_sample_mapping"), samples);
        List<?> expected = (List<?>) row.get("output");
        if (tokenizer.paddingSide() == Side.LEFT) {
            expected.forEach(output -> shifted(object(output)));
        }
        for (int i = 0; i < expected.size(); i++) {
            compare(object(expected.get(i)), windows.get(i));
        }
    }

    /**
     * The reference forgets to move what it knows of sequences when it pads on the left: sequence_ids then are those of
     * other tokens, and with them offsets16, which were made by them. These are what the rest of the row says.
     */
    private static void shifted(Map<String, Object> output) {
        List<Long> sequences = new ArrayList<>();
        ((List<?>) output.get("special_tokens_mask")).forEach(special -> sequences.add(special.equals(1L) ? null : 0L));
        output.put("sequence_ids", sequences);
        output.put("offsets16", output.get("offsets"));
    }

    private void lookups(Map<String, Object> row) throws IOException {
        Encoding e = tokenizer(row).encode((String) row.get("text"), (String) row.get("text_pair"), true);
        assertEquals(row.get("tokens"), e.tokens());
        byPlace(row, "char_to_token", (place, sequence) -> number(e.charToToken(place, sequence)));
        byPlace(row, "char_to_word", (place, sequence) -> number(e.charToWord(place, sequence)));
        byPlace(row, "word_to_tokens", (word, sequence) -> span(e.wordToTokens(word, sequence)));
        byPlace(row, "word_to_chars", (word, sequence) -> span(e.wordToChars(word, sequence)));
        assertEquals(row.get("token_to_word"), nullable(e, e::wordId));
        List<Object> chars = new ArrayList<>();
        IntStream.range(0, e.size()).forEach(token -> chars.add(span(e.tokenToChars(token))));
        assertEquals(row.get("token_to_chars"), chars);
    }

    private static void byPlace(Map<String, Object> row, String key, BiFunction<Integer, Integer, Object> lookup) {
        for (Object each : (List<?>) row.get(key)) {
            List<?> query = (List<?>) each;
            int sequence = ((Long) query.get(0)).intValue();
            int place = ((Long) query.get(1)).intValue();
            assertEquals(query.get(2), lookup.apply(place, sequence), key + " " + query);
        }
    }

    private static Long number(int value) {
        return value == Encoding.NONE ? null : Long.valueOf(value);
    }

    private static List<Long> span(Span span) {
        return span == null ? null : List.of((long) span.start(), (long) span.end());
    }

    @TestFactory
    List<DynamicTest> foldersPrintAsTheReferenceDoes() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (String name : List.of("folder_cased", "folder_uncased")) {
            Path folder = TOKENIZER.resolve(name);
            Map<String, Object> repr = object(Json.parse(Files.readAllBytes(folder.resolve("repr.json")), name));
            tests.add(dynamicTest(name, () -> {
                BertTokenizer tokenizer = BertTokenizer.fromPretrained(folder);
                assertEquals(((String) repr.get("repr")).replace("DIR", folder.toString()), tokenizer.toString());
                assertEquals(repr.get("size"), (long) tokenizer.size());
                assertEquals(repr.get("vocab_size"), (long) tokenizer.vocabSize());
                Object limit = repr.get("model_max_length");
                assertEquals(limit == null ? Integer.MAX_VALUE : ((Long) limit).intValue(), tokenizer.modelMaxLength());
            }));
        }
        return tests;
    }

    private BertTokenizer tokenizer(Map<?, ?> row) throws IOException {
        Map<?, ?> options = row.get("tokenizer") instanceof Map<?, ?> inRow ? inRow : row;
        BertTokenizer tokenizer = tokenizers.get(options);
        if (tokenizer == null) {
            Object chinese = options.get("tokenize_chinese_chars");
            Path vocabulary = options.get("vocab").equals("marks") ? RANDOM.resolve("marks_vocab.txt")
                    : Golden.vocabulary((String) options.get("vocab"));
            tokenizer = BertTokenizer.of(vocabulary, new TokenizerOptions((Boolean) options.get("do_lower_case"),
                    (Boolean) options.get("strip_accents"), chinese == null || (Boolean) chinese))
                    .withSides(side(options.get("padding_side")), side(options.get("truncation_side")));
            if (options.get("added") instanceof List<?> added) {
                tokenizer = tokenizer.withAddedTokens(added.stream().map(GoldenTokenizerTest::addedToken)
                        .toArray(AddedToken[]::new));
            }
            tokenizers.put(options, tokenizer);
        }
        return tokenizer;
    }

    private static Side side(Object name) {
        return "left".equals(name) ? Side.LEFT : Side.RIGHT;
    }

    private static AddedToken addedToken(Object json) {
        Map<String, Object> token = object(json);
        return new AddedToken((String) token.get("content"), (Boolean) token.get("single_word"),
                (Boolean) token.get("lstrip"), (Boolean) token.get("rstrip"), (Boolean) token.get("normalized"),
                (Boolean) token.get("special"));
    }

    private static Map<String, Object> asRow(Encoding e) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("ids", longs(e.ids()));
        row.put("tokens", e.tokens());
        row.put("offsets", spans(e, e::offsetStart, e::offsetEnd));
        row.put("offsets16", spans(e, e::offsetStart16, e::offsetEnd16));
        row.put("word_ids", nullable(e, e::wordId));
        row.put("sequence_ids", nullable(e, e::sequenceId));
        row.put("type_ids", longs(e.typeIds()));
        row.put("attention_mask", longs(e.attentionMask()));
        row.put("special_tokens_mask", longs(e.specialTokensMask()));
        return row;
    }

    private static List<Long> longs(int[] values) {
        return IntStream.of(values).mapToObj(v -> (long) v).toList();
    }

    private static List<List<Long>> spans(Encoding e, IntUnaryOperator start, IntUnaryOperator end) {
        return IntStream.range(0, e.size())
                .mapToObj(k -> List.of((long) start.applyAsInt(k), (long) end.applyAsInt(k))).toList();
    }

    private static List<Long> nullable(Encoding e, IntUnaryOperator value) {
        List<Long> values = new ArrayList<>();
        for (int k = 0; k < e.size(); k++) {
            values.add(value.applyAsInt(k) == Encoding.NONE ? null : (Long) (long) value.applyAsInt(k));
        }
        return values;
    }
}
