package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.weights.Checkpoint;
import dev.bert4j.weights.CheckpointQuantizer;
import dev.bert4j.weights.CheckpointWriter;
import dev.bert4j.weights.InputStatistics;
import dev.bert4j.weights.WeightTensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts, models and statistics that would spoil the integers are refused, and nothing is written. */
class CalibrationErrorsTest {
    private static final Path DEMO = Path.of("src/models/demo");
    private static final LoadOptions OPTIONS = LoadOptions.defaults().withoutPoolingLayer().withBackend("cpu");

    @TempDir
    private Path folder;

    /** The demo with one number that is none in the embedding of a word. */
    private Path withNan(int word) throws Exception {
        Path target = folder.resolve("nan");
        try (Checkpoint checkpoint = Checkpoint.open(DEMO)) {
            Map<String, WeightTensor> tensors = new LinkedHashMap<>(checkpoint.tensors());
            String name = "bert.embeddings.word_embeddings.weight";
            WeightTensor words = tensors.get(name);
            float[] values = words.toFloatArray();
            values[(int) (word * words.size(1))] = Float.NaN;
            tensors.put(name, WeightTensor.of(name, values, (int) words.size(0), (int) words.size(1)));
            CheckpointWriter.write(target, tensors, Long.MAX_VALUE,
                    Map.of(BertConfig.FILE, Files.readAllBytes(DEMO.resolve(BertConfig.FILE))));
        }
        return target;
    }

    @Test
    void aTextWhoseNumbersAreNoneIsNamed() throws Exception {
        int word = 2000;
        Path source = withNan(word);
        Path target = folder.resolve("int8");
        List<BertInput> texts = List.of(BertInput.of(1500, 1501, 1502), BertInput.of(1600, word), BertInput.of(1700));
        try (BertModel model = BertModel.fromPretrained(source, OPTIONS)) {
            String refusal = assertThrows(IllegalStateException.class, () -> CheckpointQuantizer.quantize(source,
                    target, false, false, new Calibration(model, texts), percent -> { })).getMessage();
            assertTrue(refusal.startsWith("On text 2 the model computes numbers that are not finite, which come into"
                    + " encoder.layer.0."), refusal);
            assertFalse(Files.exists(target));
            CheckpointQuantizer.quantize(source, target, false, false, new Calibration(model, texts.subList(0, 1)),
                    percent -> { });
        }
        try (Checkpoint written = Checkpoint.open(target)) {
            for (String name : written.tensors().keySet()) {
                int nan = 0;
                for (float value : written.get(name).toFloatArray()) {
                    nan += Float.isFinite(value) ? 0 : 1;
                }
                assertEquals(name.endsWith("word_embeddings.weight") ? 1 : 0, nan, name);
            }
        }
    }

    /** A config may leave out the last layers of a checkpoint: nothing is known of these. */
    @Test
    void layersThatTheModelHasNotAreLeftAsTheyAre() throws Exception {
        BertConfig config = BertConfig.fromPretrained(DEMO).with("num_hidden_layers", 2);
        try (BertModel model = BertModel.fromPretrained(DEMO, OPTIONS.withConfig(config))) {
            Calibration calibration = new Calibration(model, List.of(BertInput.of(1500, 1501, 1502)));
            assertNotNull(calibration.apply("bert.encoder.layer.1.output.dense.weight"));
            assertNull(calibration.apply("bert.encoder.layer.2.output.dense.weight"));
            assertNull(calibration.apply("bert.encoder.layer.99999999999.output.dense.weight"));
            assertNull(new InputRanges(model).apply("bert.encoder.layer.2.intermediate.dense.weight"));
        }
    }

    @Test
    void aDecoderWithCrossAttentionIsRefused() throws Exception {
        BertConfig config = BertConfig.fromPretrained(DEMO).with("is_decoder", true).with("add_cross_attention", true);
        try (BertModel model = BertModel.fromPretrained(DEMO, OPTIONS.withConfig(config).withInitSeed(1))) {
            assertTrue(assertThrows(IllegalArgumentException.class,
                    () -> new Calibration(model, List.of(BertInput.of(1500)))).getMessage()
                    .startsWith("A decoder with cross-attention cannot be calibrated"));
        }
    }

    @Test
    void whatIsNoCovarianceIsRefused() {
        for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1}) {
            Path target = folder.resolve("out");
            String refusal = assertThrows(IllegalArgumentException.class, () -> CheckpointQuantizer.quantize(DEMO,
                    target, false, false, name -> statistics(name, value), percent -> { })).getMessage();
            assertTrue(refusal.startsWith("What is known of the inputs is no covariance, at feature "), refusal);
            assertFalse(Files.exists(target));
        }
    }

    private static InputStatistics statistics(String weight, double diagonal) {
        int features = weight.endsWith("output.dense.weight") && !weight.contains("attention") ? 1024 : 256;
        float[] largest = new float[features];
        Arrays.fill(largest, 1);
        double[][] covariance = new double[features][features];
        covariance[3][3] = diagonal;
        return new InputStatistics(largest, new double[features], covariance);
    }
}
