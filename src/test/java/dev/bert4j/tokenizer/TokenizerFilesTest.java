package dev.bert4j.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.BertTokenizer;
import dev.bert4j.TokenizerException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What fromPretrained reads, and what it says to files that are missing or wrong. */
final class TokenizerFilesTest {
    private static final String SPECIALS = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
    @TempDir
    private Path folder;

    private void write(String file, String content) throws IOException {
        Files.writeString(folder.resolve(file), content);
    }

    private void assertRefused(String... parts) {
        TokenizerException e = assertThrows(TokenizerException.class, () -> BertTokenizer.fromPretrained(folder));
        assertTrue(e.getMessage().contains(folder.toString()), e.getMessage());
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), e.getMessage());
        }
    }

    @Test
    void linesAreIds() throws IOException {
        write("vocab.txt", SPECIALS + "a  \r\nb\u3000\r\na\r\nc");
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(folder);
        assertEquals(7, tokenizer.tokenToId("a"));
        assertEquals(6, tokenizer.tokenToId("b"));
        assertEquals(8, tokenizer.tokenToId("c"));
        assertEquals(8, tokenizer.vocabSize());
        assertEquals("a", tokenizer.idToToken(7));
        assertThrows(IllegalArgumentException.class, () -> tokenizer.idToToken(5));
        assertEquals(List.of("a", "b", "c", "[UNK]"), tokenizer.tokenize("A b C d"));
    }

    @Test
    void missingPadAndMaskFollowTheVocabulary() throws IOException {
        write("vocab.txt", "[UNK]\n[CLS]\n[SEP]\na\nb\n");
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(folder);
        assertEquals(5, tokenizer.padTokenId());
        assertEquals(6, tokenizer.maskTokenId());
        assertEquals("[MASK]", tokenizer.idToToken(6));
        assertEquals(6, tokenizer.tokenToId("[MASK]"));
        assertEquals(List.of("[CLS]", "a", "[MASK]", "b", "[SEP]"), tokenizer.encode("a [MASK] b").tokens());
    }

    @Test
    void configIsObeyed() throws IOException {
        write("vocab.txt", SPECIALS + "\u00c9\n\u00e9\n\u4e2d\n##\u4e2d\n");
        write("tokenizer_config.json", "{\"do_lower_case\": false, \"strip_accents\": null, "
                + "\"tokenize_chinese_chars\": false, \"model_max_length\": 512}");
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(folder);
        assertEquals(List.of("\u00c9", "\u4e2d", "##\u4e2d"), tokenizer.tokenize("\u00c9 \u4e2d\u4e2d"));
        assertEquals(512, tokenizer.modelMaxLength());
        write("tokenizer_config.json", "{\"strip_accents\": false, "
                + "\"model_max_length\": 1000000000000000019884624838656}");
        tokenizer = BertTokenizer.fromPretrained(folder);
        assertEquals(List.of("\u00e9", "\u4e2d", "\u4e2d"), tokenizer.tokenize("\u00c9 \u4e2d\u4e2d"));
        assertEquals(Integer.MAX_VALUE, tokenizer.modelMaxLength());
        // The vocabulary itself knows nothing of the config beside it.
        assertEquals(List.of("[UNK]"), BertTokenizer.fromPretrained(folder.resolve("vocab.txt")).tokenize("\u00c9"));
    }

    @Test
    void missingFiles() throws IOException {
        assertRefused("neither tokenizer.json nor vocab.txt");
        write("tokenizer.json", "{}");
        assertRefused("the model of ", "tokenizer.json is not there, but a BERT's must be a WordPiece");
        assertThrows(TokenizerException.class, () -> BertTokenizer.fromPretrained(folder.resolve("nowhere")));
    }

    @Test
    void wrongVocabularies() throws IOException {
        write("vocab.txt", "");
        assertRefused("empty");
        for (String token : List.of("[UNK]", "[CLS]", "[SEP]")) {
            write("vocab.txt", SPECIALS.replace(token, "x"));
            assertRefused("no token " + token);
        }
        byte[] broken = (SPECIALS + "a\nb\u00e9\n").getBytes(StandardCharsets.UTF_8);
        broken[broken.length - 2] = 'x';
        Files.write(folder.resolve("vocab.txt"), broken);
        assertRefused("not valid UTF-8 in line 7");
        write("vocab.txt", SPECIALS + "a\n");
        Files.write(folder.resolve("vocab.txt"), new byte[] {(byte) 0xE2, (byte) 0x82});
        assertRefused("not valid UTF-8 in line 1");
    }

    @Test
    void wrongConfigs() throws IOException {
        write("vocab.txt", SPECIALS);
        write("tokenizer_config.json", "{\"do_lower_case\": \"yes\"}");
        assertRefused("do_lower_case", "yes");
        write("tokenizer_config.json", "{\"model_max_length\": 0}");
        assertRefused("model_max_length", "0");
        write("tokenizer_config.json", "[]");
        assertRefused("not a JSON object");
        write("tokenizer_config.json", "{");
        assertThrows(IOException.class, () -> BertTokenizer.fromPretrained(folder));
    }
}
