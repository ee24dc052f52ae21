package dev.bert4j.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.bert4j.AddedToken;
import dev.bert4j.BertTokenizer;
import dev.bert4j.Golden;
import dev.bert4j.Side;
import dev.bert4j.TokenizerException;
import dev.bert4j.TokenizerOptions;
import dev.bert4j.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Saved and read again, a tokenizer is the same; files that are none are refused, each by a sentence. */
class TokenizerSavingTest {
    private static final List<String> TEXTS = List.of("The naïve dog  <strip>  NewTok [SPECIAL]x", "CAFÉ 你好 [MASK]",
            "unaffable <word> a<word>b", "");

    @TempDir
    Path folder;

    private static void same(BertTokenizer expected, BertTokenizer actual) {
        for (String text : TEXTS) {
            assertArrayEquals(expected.encode(text).ids(), actual.encode(text).ids(), text);
            assertEquals(expected.encode(text).tokens(), actual.encode(text).tokens());
            assertArrayEquals(expected.encode(text, "b").typeIds(), actual.encode(text, "b").typeIds());
            assertEquals(expected.decode(expected.encode(text).ids()), actual.decode(actual.encode(text).ids()));
        }
        assertEquals(expected.addedTokens(), actual.addedTokens());
        assertEquals(expected.size(), actual.size());
        assertEquals(expected.toString().replaceFirst("name_or_path='[^']*'", ""),
                actual.toString().replaceFirst("name_or_path='[^']*'", ""));
    }

    @Test
    void savedAndReadAgain() throws Exception {
        BertTokenizer cased = BertTokenizer.of(Golden.vocabulary("cased"),
                new TokenizerOptions(false, true, false)).withSides(Side.LEFT, Side.LEFT)
                .withAddedTokens(new AddedToken("<strip>", false, true, true, false, false), AddedToken.of("NewTok"),
                        AddedToken.special("[SPECIAL]"), new AddedToken("<word>", true, false, false, false, false));
        List<BertTokenizer> all = List.of(cased,
                BertTokenizer.fromPretrained(Golden.vocabulary("uncased")),
                BertTokenizer.fromPretrained(Golden.resources().resolve("tokenizer/folder_uncased")),
                BertTokenizer.fromPretrained(Golden.resources().resolve("tokenizer/folder_cased")));
        for (BertTokenizer tokenizer : all) {
            tokenizer.savePretrained(folder);
            same(tokenizer, BertTokenizer.fromPretrained(folder));
            try (Stream<Path> files = Files.list(folder)) {
                assertEquals(List.of("special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"),
                        files.map(file -> file.getFileName().toString()).sorted().toList());
            }
        }
    }

    @Test
    void ofTokensThatLookAlikeWhenNormalizedTheLaterIsFound() throws Exception {
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(Golden.vocabulary("uncased"))
                .withAddedTokens(AddedToken.of("qqcafé"), AddedToken.of("QQCAFÉ"), AddedToken.special("[café]"));
        assertArrayEquals(new int[] {30523, 30523, 30524}, tokenizer.encode("qqcafé QQcafe [café]", null, false).ids());
    }

    /** The texts keep the places and types of the template where special tokens are left out. */
    @Test
    void templatesOfAnotherOrder() throws Exception {
        BertTokenizer.fromPretrained(Golden.folder().resolve("tokenizer/folder_uncased")).savePretrained(folder);
        Path file = folder.resolve("tokenizer.json");
        @SuppressWarnings("unchecked")
        Map<String, Object> json = (Map<String, Object>) Json.parse(Files.readAllBytes(file), "saved");
        Map<String, Object> first = Map.of("Sequence", Map.of("id", "A", "type_id", 1L));
        Map<String, Object> second = Map.of("Sequence", Map.of("id", "B", "type_id", 2L));
        Map<String, Object> special = Map.of("SpecialToken", Map.of("id", "[SEP]", "type_id", 3L));
        json.put("post_processor", Map.of("type", "TemplateProcessing", "single", List.of(first, special), "pair",
                List.of(second, special, first)));
        Files.writeString(file, Json.write(json));
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(folder);
        assertEquals(List.of("b", "[SEP]", "a"), tokenizer.encode("a", "b").tokens());
        assertArrayEquals(new int[] {2, 3, 1}, tokenizer.encode("a", "b").typeIds());
        assertEquals(List.of("b", "a"), tokenizer.encode("a", "b", false).tokens());
        assertArrayEquals(new int[] {2, 1}, tokenizer.encode("a", "b", false).typeIds());
        assertArrayEquals(new int[] {1, 3}, tokenizer.encode("a").typeIds());
        assertArrayEquals(new int[] {1}, tokenizer.encode("a", null, false).typeIds());
        json.put("post_processor", Map.of("type", "BertProcessing", "sep", List.of("[SEP]", 3L), "cls",
                List.of("[CLS]", 2L)));
        Files.writeString(file, Json.write(json));
        tokenizer = BertTokenizer.fromPretrained(folder);
        assertEquals(List.of("[CLS]", "a", "[SEP]", "b", "[SEP]"), tokenizer.encode("a", "b").tokens());
        assertArrayEquals(new int[] {0, 0, 0, 1, 1}, tokenizer.encode("a", "b").typeIds());
    }

    @Test
    void addedTokensBesideAVocabulary() throws Exception {
        Files.copy(Golden.vocabulary("cased"), folder.resolve("vocab.txt"));
        Files.writeString(folder.resolve("added_tokens.json"), "{\"qqlater\": 28997, \"qqfirst\": 28996}");
        Files.writeString(folder.resolve("special_tokens_map.json"), "{\"additional_special_tokens\": [\"<a>\"], "
                + "\"mask_token\": {\"content\": \"[MASK]\", \"lstrip\": true}}");
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"do_lower_case\": false}");
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(folder);
        assertEquals(List.of("qqfirst", "qqlater", "<a>"), tokenizer.tokenize("qqfirstqqlater<a>"));
        assertArrayEquals(new int[] {28996, 28997, 28998}, tokenizer.encode("qqfirstqqlater<a>", null, false).ids());
        assertEquals("qqfirst", tokenizer.decode(new int[] {28996, 28998}, true, true));
    }

    @Test
    void wrongFiles() throws Exception {
        Path golden = Golden.resources().resolve("tokenizer/folder_uncased");
        Map<String, String> refusals = Map.of(
                "{\"model\": {\"type\": \"BPE\"}}", "the model of %s is a BPE, but a BERT's must be a WordPiece",
                "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"a\": 1, \"b\": 1}}, \"pre_tokenizer\": {\"type\": "
                        + "\"BertPreTokenizer\"}}", "the vocabulary of %s gives the id 1 to two tokens, a and b",
                "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"a\": -1}}, \"pre_tokenizer\": {\"type\": "
                        + "\"BertPreTokenizer\"}}", "a of the vocabulary of %s is -1, not a number of at least 0",
                "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"a\": 0}}, \"pre_tokenizer\": {\"type\": "
                        + "\"BertPreTokenizer\"}}", "the vocabulary of %s has no token [UNK], which words that it "
                        + "cannot make up become",
                "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {}}, \"pre_tokenizer\": {\"type\": "
                        + "\"BertPreTokenizer\"}}", "the vocabulary of %s is empty",
                "[]", "%s is not a JSON object");
        Path file = folder.resolve("tokenizer.json");
        for (Map.Entry<String, String> refusal : refusals.entrySet()) {
            Files.writeString(file, refusal.getKey());
            assertEquals(refusal.getValue().formatted(file),
                    assertThrows(TokenizerException.class, () -> BertTokenizer.fromPretrained(folder)).getMessage());
        }
        Files.writeString(file, Files.readString(golden.resolve("tokenizer.json")).substring(0, 5000));
        assertThrows(IOException.class, () -> BertTokenizer.fromPretrained(folder));
        @SuppressWarnings("unchecked")
        Map<String, Object> json = (Map<String, Object>) Json.parse(
                Files.readAllBytes(golden.resolve("tokenizer.json")), "golden");
        json.put("normalizer", Map.of("type", "NFC"));
        Files.writeString(file, Json.write(json));
        assertEquals("the normalizer of " + file + " is a NFC, but a BERT's must be a BertNormalizer",
                assertThrows(TokenizerException.class, () -> BertTokenizer.fromPretrained(folder)).getMessage());
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"padding_side\": \"up\"}");
        assertEquals("padding_side of " + folder.resolve("tokenizer_config.json") + " is up, not left or right",
                assertThrows(TokenizerException.class, () -> BertTokenizer.fromPretrained(folder)).getMessage());
    }
}
