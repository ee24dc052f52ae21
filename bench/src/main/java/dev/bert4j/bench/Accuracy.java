package dev.bert4j.bench;

import dev.bert4j.BertForMaskedLM;
import dev.bert4j.BertInput;
import dev.bert4j.BertModel;
import dev.bert4j.BertTokenizer;
import dev.bert4j.Calibration;
import dev.bert4j.InputRanges;
import dev.bert4j.LoadOptions;
import dev.bert4j.sentence.SentenceEncoder;
import dev.bert4j.weights.CheckpointQuantizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What fewer bits cost, on sentences that were written for this, so that no model has seen them: how near the vectors
 * of all-MiniLM-L6-v2 are to those of fp32, and how many masked words the demo model still guesses.
 */
final class Accuracy {
    /** Weights as they are stored, as bf16, as int8, and as int8 after some other sentences were seen. */
    private enum Weights { STORED, BF16, INT8, CALIBRATED }

    /**
     * A way to compute.
     *
     * @param mark what the cosine should be at least on average
     */
    private record Way(String name, Weights weights, String backend, double mark) {
    }

    /** The first is what the others are compared with. */
    private static final List<Way> WAYS = List.of(
            new Way("as stored", Weights.STORED, "cpu", 1),
            new Way("bf16 weights", Weights.BF16, "cpu", 0.9999),
            new Way("bf16, nativecpu:bf16", Weights.BF16, "nativecpu:bf16", 0.9999),
            new Way("int8 weights", Weights.INT8, "cpu", 0.999),
            new Way("int8, nativecpu:int8x2", Weights.INT8, "nativecpu:int8x2", 0.999),
            new Way("int8, nativecpu:int8", Weights.INT8, "nativecpu:int8", 0.99),
            new Way("int8 weights calibrated", Weights.CALIBRATED, "cpu", 0.999),
            new Way("int8 calibrated, nativecpu:int8", Weights.CALIBRATED, "nativecpu:int8", 0.99));

    private static final List<String> SENTENCES = Lines.of("sentences.txt");

    private final SectionContext context;
    private final Path target = Path.of(System.getProperty("bench.target", "target"));

    private Accuracy(SectionContext context) {
        this.context = context;
    }

    static void measure(SectionContext context) {
        new Accuracy(context).measure();
    }

    private void measure() {
        Map<String, float[][]> vectors = new LinkedHashMap<>();
        for (BenchModel model : context.models()) {
            if (model.name().equals("minilm")) {
                ways("minilm", model.folder(), (way, folder) -> vectors.put(way.name(),
                        vectors(folder, options(way))));
            }
        }
        Map<String, MaskedWords> guesses = new LinkedHashMap<>();
        Path demo = Path.of(System.getProperty("bench.root", "..")).resolve("src/models/demo");
        ways("demo", demo, (way, folder) -> guesses.put(way.name(), guesses(folder, options(way))));
        print(vectors, guesses);
    }

    private interface Use {
        void of(Way way, Path folder) throws IOException;
    }

    /** Every way with a model. What cannot be had is named and left out. */
    private void ways(String name, Path stored, Use use) {
        attempt(name, () -> {
            Map<Weights, Path> folders = folders(name, stored);
            WAYS.forEach(way -> attempt(name + ", " + way.name(), () -> use.of(way, folders.get(way.weights()))));
        });
    }

    private interface Attempt {
        void run() throws IOException;
    }

    private void attempt(String what, Attempt attempt) {
        try {
            attempt.run();
        } catch (IOException | RuntimeException e) {
            context.report().note("Accuracy: " + what + " is left out: " + e.getMessage());
        }
    }

    private LoadOptions options(Way way) {
        return LoadOptions.defaults().withThreads(context.threads()).withBackend(way.backend());
    }

    /** The model with weights of each kind; those of bf16 are made before, where there is PyTorch. */
    private Map<Weights, Path> folders(String name, Path stored) throws IOException {
        Path folder = Files.createDirectories(target.resolve("accuracy"));
        Path int8 = folder.resolve(name + "-int8");
        Path calibrated = folder.resolve(name + "-int8-calibrated");
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(stored);
        try (BertModel model = BertModel.fromPretrained(stored, LoadOptions.defaults().withoutPoolingLayer()
                .withBackend("cpu"))) {
            CheckpointQuantizer.quantize(stored, int8, false, true, new InputRanges(model), percent -> { });
            List<BertInput> seen = Lines.of("calibration.txt").stream().map(tokenizer::encode).map(BertInput::of)
                    .toList();
            CheckpointQuantizer.quantize(stored, calibrated, false, true, new Calibration(model, seen),
                    percent -> { });
        }
        return Map.of(Weights.STORED, stored, Weights.BF16, target.resolve("graphs").resolve(name + "-bf16"),
                Weights.INT8, int8, Weights.CALIBRATED, calibrated);
    }

    private static float[][] vectors(Path folder, LoadOptions options) throws IOException {
        try (SentenceEncoder encoder = SentenceEncoder.fromPretrained(folder, options)) {
            return encoder.encode(SENTENCES);
        }
    }

    private static MaskedWords guesses(Path folder, LoadOptions options) throws IOException {
        try (BertForMaskedLM model = BertForMaskedLM.fromPretrained(folder, options)) {
            return MaskedWords.of(model, BertTokenizer.fromPretrained(folder), SENTENCES);
        }
    }

    private void print(Map<String, float[][]> vectors, Map<String, MaskedWords> guesses) {
        Report report = context.report();
        report.heading("What fewer bits cost, " + SENTENCES.size() + " sentences: all-MiniLM-L6-v2, and the demo model"
                + " with each of " + words(guesses) + " words masked once", "how", "cosine, mean", "least", "mark",
                "masked words right", "perplexity");
        float[][] exact = vectors.get(WAYS.getFirst().name());
        for (Way way : WAYS) {
            DoubleSummaryStatistics cosines = cosines(vectors.get(way.name()), exact);
            MaskedWords guessed = guesses.get(way.name());
            if (cosines == null && guessed == null) {
                continue;
            }
            report.cells(way.name(), cosines == null ? "" : digits(6, cosines.getAverage()),
                    cosines == null ? "" : digits(6, cosines.getMin()), digits(4, way.mark()),
                    guessed == null ? "" : digits(4, guessed.accuracy()),
                    guessed == null ? "" : digits(3, guessed.perplexity()));
            report.section("accuracy", "how", way.name(), "sentences", SENTENCES.size(),
                    "cosine", cosines == null ? null : cosines.getAverage(),
                    "least_cosine", cosines == null ? null : cosines.getMin(), "mark", way.mark(),
                    "words", guessed == null ? null : guessed.words(),
                    "words_right", guessed == null ? null : guessed.accuracy(),
                    "perplexity", guessed == null ? null : guessed.perplexity());
        }
    }

    private static int words(Map<String, MaskedWords> guesses) {
        return guesses.values().stream().mapToInt(MaskedWords::words).max().orElse(0);
    }

    private static String digits(int count, double value) {
        return String.format(Locale.ROOT, "%." + count + "f", value);
    }

    /** Of all sentences, or null where either could not be had. */
    private static DoubleSummaryStatistics cosines(float[][] vectors, float[][] exact) {
        return vectors == null || exact == null ? null : IntStream.range(0, exact.length)
                .mapToDouble(i -> Deviation.cosine(vectors[i], exact[i])).summaryStatistics();
    }
}
