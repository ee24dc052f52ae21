package dev.bert4j.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.BertTokenizer;
import dev.bert4j.Encoding;
import dev.bert4j.Golden;
import dev.bert4j.TokenizerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Seeded random texts: what must hold for every text, a slow second WordPiece, and several threads at once. */
final class RandomTextTest {
    private static final int TEXTS = 100_000;
    private static final TokenizerOptions LOWER = TokenizerOptions.defaults();

    @Test
    void anyTextGivesSoundTokens() throws IOException {
        List<BertTokenizer> tokenizers = new ArrayList<>();
        for (TokenizerOptions options : List.of(LOWER, LOWER.withDoLowerCase(false), LOWER.withStripAccents(false),
                LOWER.withDoLowerCase(false).withStripAccents(true).withTokenizeChineseChars(false))) {
            tokenizers.add(BertTokenizer.of(Golden.vocabulary("uncased"), options));
        }
        Random random = new Random(7);
        for (int n = 0; n < TEXTS; n++) {
            String text = text(random);
            BertTokenizer tokenizer = tokenizers.get(n % tokenizers.size());
            Encoding e = tokenizer.encode(text, null, false);
            int codePoints = text.codePointCount(0, text.length());
            int[] ids = e.ids();
            for (int k = 0; k < e.size(); k++) {
                assertTrue(ids[k] >= 0 && ids[k] < tokenizer.vocabSize());
                assertTrue(e.offsetStart(k) < e.offsetEnd(k) && e.offsetEnd(k) <= codePoints);
                assertTrue(e.offsetStart16(k) < e.offsetEnd16(k) && e.offsetEnd16(k) <= text.length());
                assertEquals(e.offsetStart(k), text.codePointCount(0, e.offsetStart16(k)));
                assertEquals(e.offsetEnd(k), text.codePointCount(0, e.offsetEnd16(k)));
                if (k > 0) {
                    assertTrue(e.offsetStart(k) >= e.offsetStart(k - 1) && e.offsetEnd(k) >= e.offsetEnd(k - 1));
                    assertTrue(e.wordId(k) == e.wordId(k - 1) || e.wordId(k) == e.wordId(k - 1) + 1);
                }
            }
        }
    }

    @Test
    void slowWordPieceAgrees() throws IOException {
        Map<String, Integer> vocabulary = new HashMap<>();
        List<String> lines = Files.readAllLines(Golden.vocabulary("cased"));
        for (int id = 0; id < lines.size(); id++) {
            vocabulary.put(lines.get(id), id);
        }
        BertTokenizer tokenizer = BertTokenizer.of(Golden.vocabulary("cased"), LOWER.withDoLowerCase(false));
        Random random = new Random(11);
        for (int n = 0; n < TEXTS; n++) {
            StringBuilder word = new StringBuilder();
            for (int parts = 1 + random.nextInt(5); parts > 0; parts--) {
                String token = lines.get(random.nextInt(lines.size()));
                token.codePoints().filter(Character::isLetterOrDigit)
                        .filter(c -> c < 0x3000).limit(1 + random.nextInt(12)).forEach(word::appendCodePoint);
            }
            String text = word.toString();
            assertEquals(text.isEmpty() ? List.of() : slow(text, vocabulary), tokenizer.tokenize(text));
        }
    }

    private static List<String> slow(String word, Map<String, Integer> vocabulary) {
        List<String> pieces = new ArrayList<>();
        for (int start = 0; start < word.length(); ) {
            String prefix = start == 0 ? "" : "##";
            int end = word.length();
            while (end > start && !vocabulary.containsKey(prefix + word.substring(start, end))) {
                end--;
            }
            if (end == start) {
                return List.of("[UNK]");
            }
            pieces.add(prefix + word.substring(start, end));
            start = end;
        }
        return word.codePointCount(0, word.length()) > 100 ? List.of("[UNK]") : pieces;
    }

    @Test
    void threadsShareATokenizer() throws Exception {
        BertTokenizer tokenizer = BertTokenizer.of(Golden.vocabulary("uncased"), LOWER);
        Random random = new Random(13);
        List<String> texts = new ArrayList<>();
        List<int[]> expected = new ArrayList<>();
        for (int n = 0; n < 500; n++) {
            texts.add(text(random));
            expected.add(tokenizer.encode(texts.get(n)).ids());
        }
        // Nothing has asked this one for Strings yet, so all threads fill its cache together.
        BertTokenizer fresh = BertTokenizer.of(Golden.vocabulary("uncased"), LOWER);
        Callable<List<List<String>>> work = () -> {
            for (int n = 0; n < texts.size(); n++) {
                assertArrayEquals(expected.get(n), fresh.encode(texts.get(n)).ids());
            }
            return texts.stream().map(fresh::tokenize).toList();
        };
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<List<String>> tokens = texts.stream().map(tokenizer::tokenize).toList();
            for (Future<List<List<String>>> done : threads.invokeAll(List.of(work, work, work, work))) {
                assertEquals(tokens, done.get());
            }
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int parts = random.nextInt(40); parts > 0; parts--) {
            switch (random.nextInt(10)) {
                case 0 -> text.append((char) (0xD800 + random.nextInt(0x800)));
                case 1 -> text.appendCodePoint(0x10000 + random.nextInt(0x100000));
                case 2 -> text.appendCodePoint(0x300 + random.nextInt(0x70));
                case 3 -> text.append((char) random.nextInt(0x10000));
                case 4 -> text.appendCodePoint(0x1D150 + random.nextInt(0x80));
                case 5 -> text.append("[MASK]", 0, 1 + random.nextInt(6));
                case 6 -> text.append((char) (0xAC00 + random.nextInt(0x2C00)));
                default -> text.append((char) random.nextInt(0x250));
            }
        }
        return text.toString();
    }
}
