package dev.bert4j.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.bert4j.BertTokenizer;
import dev.bert4j.Encoding;
import dev.bert4j.Golden;
import dev.bert4j.TokenizerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Single cases that are easily got wrong, each with the answer spelled out. */
final class TokenizerCasesTest {
    private static final TokenizerOptions LOWER = TokenizerOptions.defaults();
    private static final TokenizerOptions CASED = LOWER.withDoLowerCase(false);
    @TempDir
    private Path folder;
    private BertTokenizer uncased;
    private BertTokenizer cased;

    @BeforeEach
    void load() throws IOException {
        uncased = BertTokenizer.of(Golden.vocabulary("uncased"), LOWER);
        cased = BertTokenizer.of(Golden.vocabulary("cased"), CASED);
    }

    private BertTokenizer toy(TokenizerOptions options, String... tokens) throws IOException {
        Path vocab = Files.createTempFile(folder, "vocab", ".txt");
        Files.writeString(vocab, "[UNK]\n[CLS]\n[SEP]\n[PAD]\n[MASK]\n" + String.join("\n", tokens) + "\n");
        return BertTokenizer.of(vocab, options);
    }

    private static String normalize(String text, TokenizerOptions options) {
        NormalizedText out = new NormalizedText(text.toCharArray());
        new BertNormalizer(options).normalize(text.toCharArray(), 0, text.length(), out);
        return out.toString();
    }

    private static String spans(Encoding e) {
        StringBuilder out = new StringBuilder();
        List<String> tokens = e.tokens();
        for (int k = 0; k < e.size(); k++) {
            out.append(k == 0 ? "" : " ").append(tokens.get(k)).append('(').append(e.offsetStart(k)).append(',')
                    .append(e.offsetEnd(k)).append(')');
        }
        return out.toString();
    }

    @Test
    void toyVocabulary() throws IOException {
        BertTokenizer toy = toy(LOWER, "want", "##want", "##ed", "wa", "un", "runn", "##ing", ",");
        assertEquals(List.of("un", "##want", "##ed", ",", "runn", "##ing"), toy.tokenize("UNwant\u00e9d,running"));
        assertEquals(List.of("[UNK]", "runn", "##ing"), toy.tokenize("unwantedX running"));
        assertEquals(List.of(), toy.tokenize(""));
    }

    @Test
    void chineseCharacters() throws IOException {
        assertEquals(" \u4f60  \u597d ", normalize("\u4f60\u597d", LOWER));
        BertTokenizer joined = toy(LOWER.withTokenizeChineseChars(false), "\u7684", "##\u4eba", "##\u6709");
        assertEquals(List.of("\u7684", "##\u4eba", "##\u6709"), joined.tokenize("\u7684\u4eba\u6709"));
        BertTokenizer apart = toy(LOWER, "ah", "\u535a", "\u63a8", "zz");
        assertEquals(List.of("ah", "\u535a", "\u63a8", "zz"), apart.tokenize("ah\u535a\u63a8zz"));
    }

    @Test
    void cleaning() {
        assertEquals("Hello", normalize("\ufeffHello", CASED));
        assertEquals("ab", normalize("a\u000b\u000c\u0085\u200b\u200d\ue000\u0000\ufffdb", CASED));
        assertEquals("a   b", normalize("a\u2028\u00a0\u3000b", CASED));
        assertEquals("a\u0378\uffffb", normalize("a\u0378\uffffb", CASED));
        assertEquals(List.of(), uncased.tokenize("\u00ad"));
        assertEquals("[CLS](0,0) hello(1,6) [SEP](0,0)", spans(uncased.encode("\ufeffHello")));
    }

    @Test
    void loneSurrogatesVanish() {
        assertEquals("ab", normalize("a\ud83db", CASED));
        assertEquals("ab", normalize("\ude00a\ude00\ud83db\ud83d", LOWER));
        // One place of the text each, in code points and in UTF-16 units.
        assertEquals("[CLS](0,0) a(1,2) !(4,5) [SEP](0,0)", spans(cased.encode("\ud83da\ude00\ud83d!\ud83d")));
    }

    @Test
    void caseAndAccents() {
        String text = "H\u00e4LLo";
        assertEquals("hallo", normalize(text, LOWER));
        assertEquals("h\u00e4llo", normalize(text, LOWER.withStripAccents(false)));
        assertEquals("HaLLo", normalize(text, CASED.withStripAccents(true)));
        assertEquals(text, normalize(text, CASED));
        assertEquals("i", normalize("\u0130", LOWER));
        assertEquals("i\u0307", normalize("\u0130", LOWER.withStripAccents(false)));
        assertEquals("\u03c3\u03c3", normalize("\u03a3\u03a3", LOWER));
        assertEquals("\u00f8\u0142\u0111\u00df\u0131", normalize("\u00d8\u0141\u0110\u00df\u0131", LOWER));
        assertEquals("\u1112\u1161\u11ab\u1100\u1161", normalize("\ud55c\uac00", LOWER));
        assertEquals("\ud55c", normalize("\ud55c", CASED));
    }

    @Test
    void keptMarksComeInCanonicalOrder() {
        // Class 216 before class 9; a grapheme joiner between them, though dropped, keeps them apart.
        assertEquals("a\u1b44\ud834\udd65", normalize("a\ud834\udd65\u0301\u1b44", LOWER));
        assertEquals("a\ud834\udd65\u1b44", normalize("a\ud834\udd65\u034f\u1b44", LOWER));
        assertEquals("a\ud834\udd65\u1b44", normalize("a\ud834\udd65\u1b44", CASED));
    }

    @Test
    void offsetsPointIntoTheOriginal() {
        String text = "A, na\u00efve [MASK] AllenNLP sentence.";
        assertEquals("[CLS](0,0) A(0,1) ,(1,2) na(3,5) ##\u00ef(5,6) ##ve(6,8) [MASK](9,15) Allen(16,21) ##NL(21,23) "
                + "##P(23,24) sentence(25,33) .(33,34) [SEP](0,0)", spans(cased.encode(text)));
        Encoding e = uncased.encode("\ud83d\ude00 nai\u0308ve.");
        assertEquals("[CLS](0,0) [UNK](0,1) naive(2,8) .(8,9) [SEP](0,0)", spans(e));
        assertEquals(3, e.offsetStart16(2));
        assertEquals(9, e.offsetEnd16(2));
    }

    @Test
    void hundredCodePointsAreTheLimit() throws IOException {
        BertTokenizer toy = toy(LOWER, "e", "##e", "\ud83d\ude00", "##\ud83d\ude00");
        assertEquals(100, toy.tokenize("e".repeat(100)).size());
        assertEquals(List.of("[UNK]"), toy.tokenize("e".repeat(101)));
        assertEquals(100, toy.tokenize("\ud83d\ude00".repeat(100)).size());
        assertEquals(List.of("[UNK]"), toy.tokenize("\ud83d\ude00".repeat(101)));
        assertEquals(100, toy.tokenize("e\u0301".repeat(100)).size());
    }

    @Test
    void specialTokensInTheText() {
        assertEquals(List.of("foo", "[MASK]", "bar"), uncased.tokenize("foo[MASK]bar"));
        assertEquals(List.of("[", "mask", "]"), uncased.tokenize("[mask]"));
        assertEquals(List.of("[", "[MASK]", "]", "[SEP]"), uncased.tokenize("[[MASK]][SEP]"));
        Encoding e = uncased.encode("[SEP] typed");
        assertEquals(102, e.ids()[1]);
        assertArrayEquals(new int[] {1, 0, 0, 1}, e.specialTokensMask());
        assertEquals(0, e.wordId(1));
        assertEquals(Encoding.NONE, e.wordId(0));
    }

    @Test
    void pairsAndBlankTexts() {
        Encoding e = uncased.encode("My name is John", "pair");
        assertArrayEquals(new int[] {101, 2026, 2171, 2003, 2198, 102, 3940, 102}, e.ids());
        assertArrayEquals(new int[] {0, 0, 0, 0, 0, 0, 1, 1}, e.typeIds());
        assertEquals(List.of("[CLS]", "[SEP]"), uncased.encode(" \n").tokens());
        assertEquals(List.of("[CLS]", "a", "[SEP]"), uncased.encode("a", "").tokens());
        assertEquals(List.of("[CLS]", "a", "[SEP]", "[SEP]"), uncased.encode("a", " ").tokens());
        List<Encoding> batch = uncased.encodeBatch(List.of("a", "", "My name"));
        assertEquals(3, batch.size());
        assertArrayEquals(uncased.encode("My name").ids(), batch.get(2).ids());
    }

    @Test
    void lookups() {
        assertEquals(28996, cased.vocabSize());
        assertEquals(3676, cased.tokenToId("dog"));
        assertEquals(103, cased.maskTokenId());
        assertEquals(cased.unkTokenId(), cased.tokenToId("no such token"));
        assertEquals("dog", cased.idToToken(3676));
        assertEquals("[PAD]", cased.idToToken(cased.padTokenId()));
        assertEquals(Integer.MAX_VALUE, cased.modelMaxLength());
        assertThrows(IllegalArgumentException.class, () -> cased.idToToken(28996));
        assertThrows(IllegalArgumentException.class, () -> cased.idToToken(-1));
    }

    @Test
    void nullTextsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> cased.encode(null));
        assertThrows(IllegalArgumentException.class, () -> cased.encode("a", (String) null));
        assertThrows(IllegalArgumentException.class, () -> cased.tokenize(null));
        assertThrows(IllegalArgumentException.class, () -> cased.encodeBatch(Arrays.asList("a", null)));
    }

    @Test
    void returnedArraysAreCopies() {
        Encoding e = cased.encode("dog");
        e.ids()[0] = 0;
        e.typeIds()[0] = 9;
        assertArrayEquals(new int[] {101, 3676, 102}, e.ids());
        assertArrayEquals(new int[] {0, 0, 0}, e.typeIds());
    }
}
