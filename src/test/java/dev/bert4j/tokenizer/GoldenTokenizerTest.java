package dev.bert4j.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.BertTokenizer;
import dev.bert4j.Encoding;
import dev.bert4j.Golden;
import dev.bert4j.TokenizerOptions;
import dev.bert4j.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every row that the reference answered must come out the same. */
final class GoldenTokenizerTest {
    private static final Path TOKENIZER = Golden.folder().resolve("tokenizer");
    private static final Path RANDOM = Path.of("src/test/resources/tokenizer");
    private final Map<Object, BertTokenizer> tokenizers = new HashMap<>();

    @Test
    void cased() throws IOException {
        compare(TOKENIZER.resolve("cased.jsonl"), Map.of("vocab", "cased", "do_lower_case", false));
    }

    @Test
    void uncased() throws IOException {
        compare(TOKENIZER.resolve("uncased.jsonl"), Map.of("vocab", "uncased", "do_lower_case", true));
    }

    @Test
    void pairs() throws IOException {
        compare(TOKENIZER.resolve("pairs.jsonl"), null);
    }

    @Test
    void variants() throws IOException {
        compare(TOKENIZER.resolve("variants.jsonl"), null);
    }

    @Test
    void randomTexts() throws IOException {
        compare(RANDOM.resolve("random_texts.jsonl"), null);
    }

    @Test
    void randomMarks() throws IOException {
        compare(RANDOM.resolve("random_marks.jsonl"), null);
    }

    private void compare(Path file, Map<?, ?> sameTokenizer) throws IOException {
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        int rows = 0;
        for (String line : lines) {
            Map<?, ?> row = (Map<?, ?>) Json.parse(line.getBytes(StandardCharsets.UTF_8), file.toString());
            Map<?, ?> options = sameTokenizer == null ? (Map<?, ?>) row.get("tokenizer") : sameTokenizer;
            Encoding encoding = tokenizer(options).encode((String) row.get("text"), (String) row.get("text_pair"),
                    !Boolean.FALSE.equals(row.get("add_special_tokens")));
            Map<String, Object> actual = asRow(encoding);
            int compared = 0;
            for (Map.Entry<String, Object> field : actual.entrySet()) {
                if (row.containsKey(field.getKey())) {
                    assertEquals(row.get(field.getKey()), field.getValue(), field.getKey() + " of " + line);
                    compared++;
                }
            }
            assertTrue(compared == 5 || compared == 9, "fields of " + line);
            rows++;
        }
        System.out.println(file.getFileName() + ": " + rows + " rows compared");
        assertFalse(rows == 0, file + " has no rows");
    }

    private BertTokenizer tokenizer(Map<?, ?> options) throws IOException {
        BertTokenizer tokenizer = tokenizers.get(options);
        if (tokenizer == null) {
            Object chinese = options.get("tokenize_chinese_chars");
            Path vocabulary = options.get("vocab").equals("marks") ? RANDOM.resolve("marks_vocab.txt")
                    : Golden.vocabulary((String) options.get("vocab"));
            tokenizer = BertTokenizer.of(vocabulary, new TokenizerOptions((Boolean) options.get("do_lower_case"),
                    (Boolean) options.get("strip_accents"), chinese == null || (Boolean) chinese));
            tokenizers.put(options, tokenizer);
        }
        return tokenizer;
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
