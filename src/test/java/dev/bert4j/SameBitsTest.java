package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.bert4j.backend.reference.ReferenceBackend;
import dev.bert4j.backend.vector.VectorBackend;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A text gives the same bits whatever the batch it sits in, with or without padding, on any number of threads and on
 * either backend. What vectors of other widths give is compared in the package of the vector backend.
 */
class SameBitsTest {
    private static final Path GOLDEN = Golden.resources().resolve("models");
    private static final int[] LENGTHS = {1, 2, 7, 13, 16, 17, 31, 40, 64};

    @ParameterizedTest
    @ValueSource(strings = {"base", "head_dim_64", "odd_head_dim"})
    void ofGoldenModels(String name) throws Exception {
        compare(GOLDEN.resolve(name), LENGTHS);
    }

    @ParameterizedTest
    @ValueSource(strings = "src/models/demo")
    void ofTheDemoModelInHalves(String folder) throws Exception {
        compare(Path.of(folder), new int[] {1, 9, 40});
    }

    private static void compare(Path folder, int[] lengths) throws Exception {
        BertConfig config = BertConfig.fromPretrained(folder);
        List<int[]> texts = new ArrayList<>();
        Random random = new Random(11);
        for (int length : lengths) {
            texts.add(random.ints(Math.min(length, config.maxPositionEmbeddings()), 0, config.vocabSize()).toArray());
        }
        List<BaseModelOutputWithPoolingAndCrossAttentions> alone = new ArrayList<>();
        try (BertModel model = open(folder, ReferenceBackend.NAME, 1)) {
            for (int[] text : texts) {
                alone.add(model.forward(input(text)));
            }
        }
        for (int threads = 1; threads <= 3; threads++) {
            compare(folder, ReferenceBackend.NAME, threads, texts, alone);
            compare(folder, VectorBackend.NAME, threads, texts, alone);
        }
    }

    private static BertModel open(Path folder, String backend, int threads) throws Exception {
        return BertModel.fromPretrained(folder,
                LoadOptions.defaults().withBackend(backend).withThreads(threads).withInitSeed(3));
    }

    private static BertInput input(int[] text) {
        return BertInput.of(text).withHiddenStates().withAttentions();
    }

    private static void compare(Path folder, String backend, int threads, List<int[]> texts,
            List<BaseModelOutputWithPoolingAndCrossAttentions> alone) throws Exception {
        String who = folder.getFileName() + " on " + backend + " with " + threads;
        try (BertModel model = open(folder, backend, threads)) {
            for (int i = 0; i < texts.size(); i++) {
                same(alone.get(i), model.forward(input(texts.get(i))), who + ", alone, text " + i);
            }
            Random random = new Random(threads);
            for (int batch = 0; batch < 3; batch++) {
                List<Integer> order = new ArrayList<>();
                for (int i = 0; i < 2 * texts.size(); i++) {
                    order.add(i % texts.size());
                }
                Collections.shuffle(order, random);
                List<Integer> some = order.subList(0, texts.size() + batch);
                var outputs = model.forward(some.stream().map(i -> input(texts.get(i))).toList());
                for (int i = 0; i < some.size(); i++) {
                    same(alone.get(some.get(i)), outputs.get(i), who + ", batch " + some + ", text " + i);
                }
            }
            padded(model, who, texts, alone);
        }
    }

    @Test
    void encodingsThatWerePaddedAreTheTextsAlone() throws Exception {
        Path demo = Path.of("src/models/demo");
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(demo);
        List<String> texts = List.of("Nice to see you.", "A dog chases a fox over the lazy river.", "No.");
        List<Encoding> padded = tokenizer.encodeBatch(texts,
                EncodeOptions.defaults().withPadding(PaddingStrategy.LONGEST));
        try (BertForMaskedLM model = BertForMaskedLM.fromPretrained(demo)) {
            Tensor together = model.forward(BertInput.of(padded)).logits();
            for (int i = 0; i < texts.size(); i++) {
                Encoding alone = tokenizer.encode(texts.get(i));
                float[] expected = model.forward(BertInput.of(alone)).logits().data();
                float[] row = Arrays.copyOf(together.select(i).data(), expected.length);
                Bits.assertSame(Tensor.of(expected, expected.length), Tensor.of(row, row.length), texts.get(i));
                row = Arrays.copyOf(model.forward(BertInput.of(padded.get(i))).logits().data(), expected.length);
                Bits.assertSame(Tensor.of(expected, expected.length), Tensor.of(row, row.length), texts.get(i));
            }
        }
        List<Encoding> ragged = tokenizer.encodeBatch(texts);
        assertThrows(IllegalArgumentException.class, () -> BertInput.of(ragged));
    }

    /** A dense batch, padded on the right with a token that is no zero, against the texts alone. */
    private static void padded(BertModel model, String who, List<int[]> texts,
            List<BaseModelOutputWithPoolingAndCrossAttentions> alone) {
        int longest = texts.stream().mapToInt(text -> text.length).max().orElseThrow();
        int[][] ids = new int[texts.size()][longest];
        int[][] mask = new int[texts.size()][longest];
        for (int row = 0; row < ids.length; row++) {
            for (int t = 0; t < longest; t++) {
                boolean within = t < texts.get(row).length;
                ids[row][t] = within ? texts.get(row)[t] : 5;
                mask[row][t] = within ? 1 : 0;
            }
        }
        BaseModelOutputWithPoolingAndCrossAttentions output = model.forward(BertInput.of(ids).withAttentionMask(mask));
        int features = model.config().hiddenSize();
        for (int row = 0; row < ids.length; row++) {
            int length = texts.get(row).length;
            float[] all = output.lastHiddenState().select(row).data();
            Tensor part = Tensor.of(Arrays.copyOf(all, length * features), 1, length, features);
            Bits.assertSame(alone.get(row).lastHiddenState(), part, who + ", padded, text " + row);
            Tensor pooled = output.poolerOutput().select(row);
            Bits.assertSame(alone.get(row).poolerOutput().select(0), pooled, who + ", padded, pooled " + row);
        }
    }

    private static void same(BaseModelOutputWithPoolingAndCrossAttentions expected,
            BaseModelOutputWithPoolingAndCrossAttentions actual, String what) {
        Bits.assertSame(expected.lastHiddenState(), actual.lastHiddenState(), what);
        Bits.assertSame(expected.poolerOutput(), actual.poolerOutput(), what + ", pooled");
        assertEquals(expected.hiddenStates().size(), actual.hiddenStates().size());
        for (int i = 0; i < expected.hiddenStates().size(); i++) {
            Bits.assertSame(expected.hiddenStates().get(i), actual.hiddenStates().get(i), what + ", hidden " + i);
        }
        for (int i = 0; i < expected.attentions().size(); i++) {
            Bits.assertSame(expected.attentions().get(i), actual.attentions().get(i), what + ", attentions " + i);
        }
    }
}
