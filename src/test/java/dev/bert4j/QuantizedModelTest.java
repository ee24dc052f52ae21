package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.weights.Checkpoint;
import dev.bert4j.weights.CheckpointException;
import dev.bert4j.weights.CheckpointQuantizer;
import dev.bert4j.weights.CheckpointQuantizer.Quantized;
import dev.bert4j.weights.CheckpointWriter;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.WeightTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models with int8 weights: what is written, that it opens everywhere with one result, and what is refused. */
class QuantizedModelTest {
    private static final Path BASE = Golden.resources().resolve("models").resolve("base");
    private static final Path DEMO = Path.of("src/models/demo");

    /** What makes weights a model's folder. */
    private static final Map<String, byte[]> CONFIG = Map.of(BertConfig.FILE,
            "{}".getBytes(StandardCharsets.UTF_8));

    @TempDir
    Path folder;

    private Path quantize(Path source, boolean embeddings) throws IOException {
        Path target = folder.resolve("int8");
        CheckpointQuantizer.quantize(source, target, embeddings, true, percent -> { });
        return target;
    }

    /** A model whose sizes are no multiple of any number of lanes. */
    static Path odd(Path folder) throws IOException {
        return MadeModel.write(folder.resolve("odd"), Map.of("hidden_size", 39, "num_attention_heads", 3,
                "num_hidden_layers", 2, "intermediate_size", 131, "vocab_size", 50, "max_position_embeddings", 64,
                "type_vocab_size", 2), DType.F32);
    }

    @Test
    void everyValueIsWithinHalfAScaleAndTheLargestOfARowIsKept() throws Exception {
        Path source = odd(folder);
        try (Checkpoint before = Checkpoint.open(source); Checkpoint after = Checkpoint.open(quantize(source, true))) {
            assertEquals(before.tensors().keySet(), after.tensors().keySet());
            int matrices = 0;
            for (WeightTensor tensor : after.tensors().values()) {
                float[] was = before.get(tensor.name()).toFloatArray();
                float[] is = tensor.toFloatArray();
                boolean chosen = tensor.rank() == 2 && !tensor.name().startsWith("pooler");
                assertEquals(chosen ? DType.I8 : DType.F32, tensor.dtype(), tensor.name());
                int columns = tensor.rank() < 2 ? 1 : (int) tensor.size(1);
                matrices += chosen ? 1 : 0;
                for (int i = 0; i < was.length; i++) {
                    float scale = chosen ? tensor.scales().get(i / columns) : 0;
                    // Half a step, and the rounding of scale and product.
                    assertEquals(was[i], is[i], scale * 0.5001f, tensor.name());
                    assertEquals(is[i], tensor.get(i));
                    if (chosen && Math.abs(was[i]) > 126.999f * scale) {
                        assertEquals(was[i], is[i], 1e-6f * Math.abs(was[i]));
                    }
                }
            }
            assertEquals(2 * 6 + 3, matrices);
        }
    }

    @Test
    void theBitsAreThoseOfWideningFirstOnEveryBackend() throws Exception {
        for (Path source : List.of(odd(folder), BASE)) {
            for (boolean embeddings : new boolean[] {false, true}) {
                Path int8 = embeddings ? quantize(source, true)
                        : ColumnScalesTest.quantize(source, folder.resolve("int8"));
                Path widened = widened(int8, folder.resolve("widened"));
                List<BertInput> inputs = inputs(50);
                List<BaseModelOutputWithPoolingAndCrossAttentions> expected;
                try (BertModel model = BertModel.fromPretrained(widened,
                        LoadOptions.defaults().withBackend("reference").withInitSeed(1))) {
                    expected = model.forward(inputs);
                }
                for (String backend : GoldenModelsTest.backends()) {
                    for (int threads = 1; threads <= 2; threads++) {
                        try (BertModel model = BertModel.fromPretrained(int8,
                                LoadOptions.defaults().withBackend(backend).withThreads(threads).withInitSeed(1))) {
                            var actual = model.forward(inputs);
                            for (int i = 0; i < inputs.size(); i++) {
                                Bits.assertSame(expected.get(i).lastHiddenState(), actual.get(i).lastHiddenState(),
                                        source + " on " + backend + ", text " + i);
                                Bits.assertSame(expected.get(i).lastHiddenState(),
                                        model.forward(inputs.get(i)).lastHiddenState(), "alone");
                            }
                        }
                    }
                }
            }
        }
    }

    private static Path widened(Path int8, Path target) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(int8)) {
            Map<String, WeightTensor> floats = new LinkedHashMap<>();
            checkpoint.tensors().forEach((name, tensor) ->
                    floats.put(name, WeightTensor.of(name, tensor.toFloatArray(), tensor.shape())));
            CheckpointWriter.write(target, floats, Long.MAX_VALUE,
                    Map.of(BertConfig.FILE, Files.readAllBytes(int8.resolve(BertConfig.FILE))));
        }
        return target;
    }

    static List<BertInput> inputs(int vocabulary) {
        Random random = new Random(6);
        List<BertInput> inputs = new ArrayList<>();
        for (int length : new int[] {1, 7, 8, 9, 17, 33, 40}) {
            inputs.add(BertInput.of(random.ints(length, 0, vocabulary).toArray()));
        }
        return inputs;
    }

    @Test
    void savedAndPrunedItIsTheSameModel() throws Exception {
        Path int8 = ColumnScalesTest.quantize(BASE, folder.resolve("int8"));
        Path saved = folder.resolve("saved");
        Path sharded = folder.resolve("sharded");
        Path prunedFolder = folder.resolve("pruned");
        BertInput input = inputs(50).getLast();
        LoadOptions options = LoadOptions.defaults().withInitSeed(1);
        try (BertModel model = BertModel.fromPretrained(int8, options);
                BertModel wide = BertModel.fromPretrained(widened(int8, folder.resolve("widened")), options);
                BertModel pruned = model.pruneHeads(Map.of(0, Set.of(1)));
                BertModel widePruned = wide.pruneHeads(Map.of(0, Set.of(1)))) {
            model.savePretrained(saved);
            model.savePretrained(sharded, SaveOptions.defaults().withMaxShardSize(20_000));
            pruned.savePretrained(prunedFolder);
            Tensor expected = model.forward(input).lastHiddenState();
            Tensor expectedPruned = widePruned.forward(input).lastHiddenState();
            Bits.assertSame(expectedPruned, pruned.forward(input).lastHiddenState(), "pruned");
            for (Path each : List.of(saved, sharded)) {
                try (BertModel again = BertModel.fromPretrained(each)) {
                    Bits.assertSame(expected, again.forward(input).lastHiddenState(), each.toString());
                    assertEquals(DType.I8, again.namedParameters().get("encoder.layer.0.output.dense.weight").dtype());
                }
            }
            try (BertModel again = BertModel.fromPretrained(prunedFolder)) {
                Bits.assertSame(expectedPruned, again.forward(input).lastHiddenState(), "pruned, saved");
            }
        }
    }

    @Test
    void theDemoModelKeepsItsAnswerInFewerBytes() throws Exception {
        Path target = folder.resolve("demo");
        Quantized quantized = CheckpointQuantizer.quantize(DEMO, target, true, false, percent -> { });
        assertTrue(quantized.bytesAfter() < 0.56 * quantized.bytesBefore(), quantized.toString());
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(target);
        int[] ids = tokenizer.encode("Paris is the [MASK] of France.").ids();
        int mask = IntStream.range(0, ids.length).filter(i -> ids[i] == tokenizer.maskTokenId())
                .findFirst().orElseThrow();
        try (BertForMaskedLM before = BertForMaskedLM.fromPretrained(DEMO);
                BertForMaskedLM after = BertForMaskedLM.fromPretrained(target)) {
            assertEquals(best(before, ids, mask), best(after, ids, mask));
            assertEquals("capital", tokenizer.decode(new int[] {best(after, ids, mask)}));
        }
    }

    /** On the texts themselves errors are less than half as large; integers and biases are what has changed. */
    @Test
    void calibratedItLosesLess() throws Exception {
        Path plain = folder.resolve("plain");
        Path calibrated = folder.resolve("calibrated");
        CheckpointQuantizer.quantize(DEMO, plain, false, false, percent -> { });
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(DEMO);
        List<BertInput> texts = Stream.of("Paris is the capital of France.", "She opened the door and went in.",
                "The river runs past the old town to the sea.", "What did he say when you asked him?")
                .map(text -> BertInput.of(tokenizer.encode(text))).toList();
        LoadOptions options = LoadOptions.defaults().withoutPoolingLayer();
        try (BertModel model = BertModel.fromPretrained(DEMO, options)) {
            Calibration calibration = new Calibration(model, texts);
            assertNull(calibration.apply("bert.encoder.layer.0.crossattention.self.key.weight"));
            CheckpointQuantizer.quantize(DEMO, calibrated, false, false, calibration, percent -> { });
            double before = error(model, plain, texts);
            double after = error(model, calibrated, texts);
            assertTrue(after < 0.5 * before, after + " is not less than " + before);
        }
        try (Checkpoint one = Checkpoint.open(plain); Checkpoint other = Checkpoint.open(calibrated)) {
            for (String name : one.tensors().keySet()) {
                boolean ofLayer = name.matches(".*encoder\\.layer.*(?<!LayerNorm)\\.(weight|bias)");
                assertEquals(ofLayer, !Arrays.equals(one.get(name).toFloatArray(), other.get(name).toFloatArray()),
                        name);
            }
        }
    }

    private static double error(BertModel model, Path other, List<BertInput> texts) throws IOException {
        double sum = 0;
        try (BertModel quantized = BertModel.fromPretrained(other, LoadOptions.defaults().withoutPoolingLayer())) {
            for (BertInput text : texts) {
                float[] expected = model.forward(text).lastHiddenState().data();
                float[] found = quantized.forward(text).lastHiddenState().data();
                for (int i = 0; i < expected.length; i++) {
                    sum += Math.pow(expected[i] - found[i], 2);
                }
            }
        }
        return sum;
    }

    private static int best(BertForMaskedLM model, int[] ids, int mask) {
        Tensor logits = model.forward(BertInput.of(ids)).logits();
        int vocabulary = logits.size(2);
        int best = 0;
        for (int id = 1; id < vocabulary; id++) {
            best = logits.data()[mask * vocabulary + id] > logits.data()[mask * vocabulary + best] ? id : best;
        }
        return best;
    }

    private static String refused(Path source, Path target, boolean replace) {
        return assertThrows(CheckpointException.class,
                () -> CheckpointQuantizer.quantize(source, target, false, replace, percent -> { })).getMessage();
    }

    @Test
    void whatCannotBeQuantizedIsRefusedAndNothingIsWritten() throws Exception {
        assertEquals("The quantised model must go to another folder than " + BASE + ", whose weights would be lost.",
                assertThrows(IllegalArgumentException.class,
                        () -> CheckpointQuantizer.quantize(BASE, BASE, false, true, percent -> { })).getMessage());
        Path int8 = quantize(BASE, false);
        Path target = folder.resolve("new");
        assertTrue(refused(int8, target, false)
                .contains("is quantised already; quantise the model that it was made from"));
        assertTrue(refused(BASE, int8, false).contains("it is there already"));
        Path none = folder.resolve("none");
        CheckpointWriter.write(none, Map.of("w", WeightTensor.of("w", new float[4], 2, 2)), Long.MAX_VALUE, CONFIG);
        assertTrue(refused(none, target, false).contains("has no matrices of BERT's layers"));
        Path odd = folder.resolve("nan");
        String name = "encoder.layer.0.output.dense.weight";
        CheckpointWriter.write(odd, Map.of(name, WeightTensor.of(name, new float[] {1, 2, Float.NaN, 0}, 2, 2)),
                Long.MAX_VALUE, CONFIG);
        assertTrue(refused(odd, target, false).contains("has the value NaN in row 1; only finite numbers"));
        assertFalse(Files.exists(target));
    }

    @Test
    void rowsOfZerosStayZeros() throws Exception {
        Path source = folder.resolve("zeros");
        String name = "encoder.layer.0.output.dense.weight";
        float[] values = {0, -0f, 1e-45f, -1e-45f, 3, -1.5f};
        CheckpointWriter.write(source, Map.of(name, WeightTensor.of(name, values, 3, 2)), Long.MAX_VALUE, CONFIG);
        try (Checkpoint after = Checkpoint.open(quantize(source, false))) {
            float[] is = after.get(name).toFloatArray();
            assertEquals(0, is[0]);
            assertEquals(0, is[1]);
            assertEquals(0, is[2]);
            assertEquals(3, is[4], 1e-6f);
            assertEquals(-1.5f, is[5], 3f / 127 / 2);
        }
    }

    @Test
    void damagedFilesAreRefusedByName() throws Exception {
        Path int8 = quantize(BASE, false);
        Path file = int8.resolve("model.safetensors");
        byte[] good = Files.readAllBytes(file);
        String name = "encoder.layer.0.output.dense.weight";
        assertTrue(open(file, good, "\"bert4j.int8\":\"1\"", "\"bert4j.int8\":\"3\"")
                .contains("its int8 weights are of version 3; this bert4j reads 1 and 2"));
        assertTrue(open(file, good, name + "_scale", name + "_skale")
                .contains(name + "_scale of type F32 beside it, one value for each of its rows"));
        // Without the word in the metadata it is a file with tensors of a type that no model has.
        assertTrue(open(file, good, "bert4j.int8", "bert4j.int0").contains("is of type I8"));
        Files.write(file, good);
        BertModel.fromPretrained(int8, LoadOptions.defaults().withInitSeed(1)).close();
    }

    private static String open(Path file, byte[] good, String from, String to) throws IOException {
        String text = new String(good, StandardCharsets.ISO_8859_1);
        assertTrue(text.contains(from), from);
        Files.write(file, text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1));
        return assertThrows(Exception.class, () -> BertModel.fromPretrained(file.getParent(),
                LoadOptions.defaults().withInitSeed(1))).getMessage();
    }

    @Test
    void aFolderOfSentenceTransformersGoesAlongWhole() throws Exception {
        Path source = folder.resolve("sentences");
        Files.createDirectories(source.resolve("1_Pooling"));
        try (Stream<Path> files = Files.list(BASE)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, source.resolve(file.getFileName()));
            }
        }
        Files.writeString(source.resolve("modules.json"), "[{\"path\": \"\", \"type\": \"x.Transformer\"},"
                + "{\"path\": \"1_Pooling\", \"type\": \"x.Pooling\"},"
                + "{\"path\": \"Another\", \"type\": \"x.Dense\"}]");
        Files.createDirectories(source.resolve("Another"));
        Files.writeString(source.resolve("Another").resolve("model.safetensors"), "weights");
        Files.writeString(source.resolve("1_Pooling").resolve("config.json"), "{}");
        Path target = quantize(source, false);
        assertEquals(Files.readString(source.resolve("modules.json")),
                Files.readString(target.resolve("modules.json")));
        assertEquals("weights", Files.readString(target.resolve("Another").resolve("model.safetensors")));
        assertEquals("{}", Files.readString(target.resolve("1_Pooling").resolve("config.json")));
    }

    /** A tokenizer of another model would be read before the new one's, and give other ids without a word. */
    @Test
    void whatAnotherModelHasLeftIsInTheWay() throws Exception {
        Path target = Files.createDirectories(folder.resolve("used"));
        Files.writeString(target.resolve("modules.json"), "[]");
        Files.writeString(target.resolve("notes.txt"), "mine");
        assertTrue(refused(BASE, target, false)
                .contains("modules.json: it is there already, and is replaced, or removed"));
        assertEquals("[]", Files.readString(target.resolve("modules.json")));
        CheckpointQuantizer.quantize(BASE, target, false, true, percent -> { });
        assertFalse(Files.exists(target.resolve("modules.json")));
        assertEquals("mine", Files.readString(target.resolve("notes.txt")));
        BertModel.fromPretrained(target, LoadOptions.defaults().withInitSeed(1)).close();
    }

    @Test
    void filesInFoldersAreNotOverwrittenUnasked() throws Exception {
        Path source = folder.resolve("source");
        CheckpointWriter.write(source, layer(), Long.MAX_VALUE, Map.of("config.json", new byte[] {'{', '}'},
                "modules.json", "[{\"path\": \"2_Dense\", \"type\": \"x.Dense\"}]".getBytes(StandardCharsets.UTF_8),
                "2_Dense/model.safetensors", new byte[] {1}));
        Path precious = folder.resolve("target").resolve("2_Dense").resolve("model.safetensors");
        Files.createDirectories(precious.getParent());
        Files.writeString(precious, "precious");
        assertTrue(refused(source, folder.resolve("target"), false).startsWith(precious + ": it is there already"));
        assertEquals("precious", Files.readString(precious));
    }

    private static Map<String, WeightTensor> layer() {
        String name = "encoder.layer.0.output.dense.weight";
        return new LinkedHashMap<>(Map.of(name, WeightTensor.of(name, new float[] {1, 2, 3, 4}, 2, 2)));
    }

    @Test
    void whatCouldNotBeReadAgainIsNotWritten() throws Exception {
        String scale = "encoder.layer.0.output.dense.weight_scale";
        Map<String, WeightTensor> weights = layer();
        weights.put(scale, WeightTensor.of(scale, new float[2], 2));
        Path source = folder.resolve("reserved");
        CheckpointWriter.write(source, weights, Long.MAX_VALUE, CONFIG);
        Path target = folder.resolve("new");
        assertTrue(refused(source, target, false).contains("would be taken for a part of a quantised matrix"));
        Path bare = folder.resolve("bare");
        CheckpointWriter.write(bare, layer(), Long.MAX_VALUE, Map.of());
        assertTrue(refused(bare, target, false).contains("config.json: is missing"));
        Path shard = Files.copy(source.resolve("model.safetensors"),
                source.resolve("model-00001-of-00002.safetensors"));
        assertTrue(refused(shard, target, false).contains("is one of several files of a model; name their folder"));
        assertFalse(Files.exists(target));
    }

    @Test
    void scalesThatAreNoneAreRefused() throws Exception {
        Path source = folder.resolve("source");
        CheckpointWriter.write(source, layer(), Long.MAX_VALUE, CONFIG);
        Path int8 = quantize(source, false);
        Path file = int8.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        for (float scale : new float[] {Float.NaN, -1, Float.POSITIVE_INFINITY}) {
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - 8, scale);
            Files.write(file, bytes);
            assertTrue(assertThrows(CheckpointException.class, () -> Checkpoint.open(int8)).getMessage()
                    .contains("has the value " + scale + " for row 1; scales are finite numbers from 0 on"));
        }
    }
}
