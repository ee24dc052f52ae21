package dev.bert4j.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.BertTokenizer;
import dev.bert4j.EncodeOptions;
import dev.bert4j.Encoding;
import dev.bert4j.Golden;
import dev.bert4j.PaddingStrategy;
import dev.bert4j.Side;
import dev.bert4j.TokenIds;
import dev.bert4j.TruncationStrategy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What options do beyond the golden rows, what they refuse, and the lean way to ids. */
class EncodeOptionsTest {
    private static final String TEXT = "The tokenization of embeddings is unaffable.";
    private static BertTokenizer tokenizer;

    @BeforeAll
    static void open() throws Exception {
        tokenizer = BertTokenizer.fromPretrained(Golden.vocabulary("uncased"));
    }

    private static void refused(String sentence, Executable call) {
        assertEquals(sentence, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void nothingIsCutWithoutBeingAskedFor() throws Exception {
        Encoding whole = tokenizer.encode("word ".repeat(2000));
        assertEquals(2002, whole.size());
        assertFalse(whole.isTruncated());
        BertTokenizer short24 = BertTokenizer.fromPretrained(Golden.resources().resolve("tokenizer/folder_cased"));
        assertEquals(24, short24.modelMaxLength());
        String text = "a ".repeat(50);
        assertEquals(52, short24.encode(text).size());
        EncodeOptions cut = EncodeOptions.defaults().withTruncation(TruncationStrategy.LONGEST_FIRST);
        assertEquals(24, short24.encode(text, cut).size());
        assertTrue(short24.encode(text, cut).isTruncated());
        assertEquals(52, tokenizer.encode(text, cut).size(), "there is no limit to cut to");
        assertEquals(24, short24.encode("a", EncodeOptions.defaults().withPadding(PaddingStrategy.MAX_LENGTH)).size());
        assertEquals(3, tokenizer.encode("a", EncodeOptions.defaults().withPadding(PaddingStrategy.MAX_LENGTH)).size());
    }

    @Test
    void sidesOfTheOptionsWinOverThoseOfTheTokenizer() {
        EncodeOptions options = EncodeOptions.defaults().withTruncation(TruncationStrategy.LONGEST_FIRST)
                .withMaxLength(4).withPadding(PaddingStrategy.MAX_LENGTH);
        assertEquals(List.of("[CLS]", "the", "token", "[SEP]"), tokenizer.encode(TEXT, options).tokens());
        assertEquals(List.of("[CLS]", "##ble", ".", "[SEP]"),
                tokenizer.encode(TEXT, options.withSides(Side.LEFT, null)).tokens());
        assertEquals(List.of("[PAD]", "[CLS]", "a", "[SEP]"),
                tokenizer.encode("a", options.withSides(null, Side.LEFT)).tokens());
        assertEquals(List.of("[PAD]", "[CLS]", "a", "[SEP]"),
                tokenizer.withSides(Side.LEFT, Side.LEFT).encode("a", options).tokens());
    }

    @Test
    void whatCannotBeMet() {
        EncodeOptions cut = EncodeOptions.defaults().withTruncation(TruncationStrategy.LONGEST_FIRST);
        refused("maxLength is 1, but the special tokens alone are 2; allow at least as many.",
                () -> tokenizer.encode(TEXT, cut.withMaxLength(1)));
        refused("The stride of 4 tokens must be less than the 3 tokens of a text that a window has.",
                () -> tokenizer.encode(TEXT, cut.withMaxLength(5).withStride(4)));
        refused("The second text has 1 tokens, too few to remove the 10 that maxLength asks for; truncate the longest "
                + "first, or allow more tokens.", () -> tokenizer.encode(TEXT, "a",
                        cut.withTruncation(TruncationStrategy.ONLY_SECOND).withMaxLength(7)));
        refused("There is no second text to truncate; give one, or truncate the first.", () -> tokenizer.encode(TEXT,
                cut.withTruncation(TruncationStrategy.ONLY_SECOND).withMaxLength(7)));
        refused("Texts are to be cut to 10 tokens and padded to a multiple of 8; maxLength must be such a multiple.",
                () -> tokenizer.encode(TEXT, cut.withMaxLength(10).withPadding(PaddingStrategy.LONGEST)
                        .withPadToMultipleOf(8)));
        refused("stride is -1 but must be at least 0.", () -> cut.withStride(-1));
        refused("maxLength is -2 but must be at least 0, or -1 for the model's limit.", () -> cut.withMaxLength(-2));
        refused("padToMultipleOf is -8 but must be at least 1, or 0 for any length.",
                () -> cut.withPadToMultipleOf(-8));
        refused("truncation is null but must be a strategy.", () -> cut.withTruncation(null));
        refused("There are 2 texts but 1 second texts.",
                () -> tokenizer.encodeBatch(List.of("a", "b"), List.of("c"), EncodeOptions.defaults()));
        refused("a word is null",
                () -> tokenizer.encodeWords(Arrays.asList("a", null), null, EncodeOptions.defaults()));
        refused("text is null", () -> tokenizer.encodeBatch(Arrays.asList("a", null)));
        refused("no token has the id 30522: the vocabulary's ids are 0 to 30521", () -> tokenizer.decode(1, 30522));
    }

    @Test
    void aLargeBatchIsTheTextsOnTheirOwn() {
        List<String> texts = new ArrayList<>();
        Random random = new Random(1);
        for (int i = 0; i < 3000; i++) {
            texts.add(TEXT.substring(random.nextInt(TEXT.length())) + " " + i);
        }
        assertTrue(String.join("", texts).length() > 50_000, "too short for threads");
        List<Encoding> batch = tokenizer.encodeBatch(texts);
        for (int i = 0; i < texts.size(); i++) {
            assertArrayEquals(tokenizer.encode(texts.get(i)).ids(), batch.get(i).ids());
        }
    }

    @Test
    void theLeanWayGivesTheSameIds() {
        TokenIds lean = tokenizer.tokenIds();
        int[] ids = new int[64];
        for (String text : List.of(TEXT, "", "naïve [MASK] İ 你好 \uD83D\uDE00 \uD800", "a", "x".repeat(101), TEXT)) {
            Arrays.fill(ids, -7);
            int count = lean.encode(text, ids, 3);
            assertArrayEquals(tokenizer.encode(text).ids(), Arrays.copyOfRange(ids, 3, 3 + count), text);
            assertEquals(-7, ids[2]);
            assertEquals(-7, ids[3 + count]);
            assertFalse(lean.isTruncated());
        }
        assertEquals(5, lean.encode(TEXT, ids, 59));
        assertTrue(lean.isTruncated());
        assertArrayEquals(tokenizer.encode(TEXT, EncodeOptions.defaults()
                .withTruncation(TruncationStrategy.LONGEST_FIRST).withMaxLength(5)).ids(),
                Arrays.copyOfRange(ids, 59, 64));
        refused("There is room for 1 ids from 63 on, but the special tokens alone are 2.",
                () -> lean.encode(TEXT, ids, 63));
        refused("text is null", () -> lean.encode(null, ids, 0));
    }

    /** A lone half of a pair at the end of a text must not join what an earlier text left in the buffer. */
    @Test
    void aTextLeavesNothingToTheNext() {
        TokenIds lean = tokenizer.tokenIds();
        int[] ids = new int[64];
        lean.encode("ab\uD83D\uDE00cd", ids, 0);
        int count = lean.encode("ab\uD83D", ids, 0);
        assertArrayEquals(tokenizer.encode("ab\uD83D").ids(), Arrays.copyOf(ids, count));
        Encoding words = tokenizer.encodeWords(List.of("ab\uD83D\uDE00cd", "ab\uD83D", "\u00e9\uD83D"), null,
                EncodeOptions.defaults());
        for (int k = 0; k < words.size(); k++) {
            if (words.wordId(k) > 0) {
                assertTrue(words.offsetEnd16(k) <= 2, "behind the word");
            }
        }
        lean.encode("a[MASK]b", ids, 0);
        count = lean.encode("a[MAS", ids, 0);
        assertArrayEquals(tokenizer.encode("a[MAS").ids(), Arrays.copyOf(ids, count));
    }
}
