package dev.bert4j.sentence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.bert4j.BertInput;
import dev.bert4j.BertModel;
import dev.bert4j.BertTokenizer;
import dev.bert4j.Encoding;
import dev.bert4j.Golden;
import dev.bert4j.LoadOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Vectors that are those of single tokens have the bits of these among all hidden states. */
class PickedTokensTest {
    private static final List<String> TEXTS = List.of("A dog chases a fox over the lazy river.", "No.", "",
            "Nice to see you all again after such a long time, and in such fine weather!");

    @TempDir
    private Path folder;

    static Stream<String> backends() {
        return Golden.backends().stream();
    }

    @ParameterizedTest
    @MethodSource("backends")
    void haveTheBitsOfAll(String backend) throws Exception {
        Path source = Golden.resources().resolve("sentence").resolve("pool_cls_token");
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.skip(1).toList()) {
                Files.copy(file, folder.resolve(source.relativize(file).toString()));
            }
        }
        Path config = folder.resolve("1_Pooling").resolve("config.json");
        LoadOptions options = LoadOptions.defaults().withBackend(backend).withThreads(1);
        try (BertModel model = BertModel.fromPretrained(folder, options)) {
            for (String modes : List.of("\"cls\"", "\"lasttoken\", \"cls\"", "\"cls\", \"mean\"")) {
                for (boolean prompt : new boolean[] {true, false}) {
                    Files.writeString(config,
                            "{\"pooling_mode\": [" + modes + "], \"include_prompt\": " + prompt + "}");
                    compare(model, options, modes, prompt);
                }
            }
        }
    }

    private void compare(BertModel model, LoadOptions options, String modes, boolean includePrompt) throws Exception {
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(folder);
        String prompt = "see this: ";
        int first = includePrompt ? 0 : tokenizer.encode(prompt).size() - 1;
        try (SentenceEncoder encoder = SentenceEncoder.fromPretrained(folder, options)) {
            float[][] vectors = encoder.encode(TEXTS, SentenceOptions.defaults().withPrompt(prompt));
            for (int i = 0; i < TEXTS.size(); i++) {
                Encoding encoding = tokenizer.encode(prompt + TEXTS.get(i));
                float[] hidden = model.forward(BertInput.of(encoding)).lastHiddenState().data();
                int features = model.config().hiddenSize();
                assertEquals(hidden.length, encoding.size() * features);
                int at = 0;
                for (String mode : modes.split(", ")) {
                    int token = mode.equals("\"lasttoken\"") ? encoding.size() - 1 : first;
                    if (!mode.equals("\"mean\"")) {
                        assertArrayEquals(Arrays.copyOfRange(hidden, token * features, (token + 1) * features),
                                Arrays.copyOfRange(vectors[i], at, at + features), mode + " of text " + i);
                    }
                    at += features;
                }
                assertEquals(at, vectors[i].length);
            }
        }
    }
}
