package dev.bert4j.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * This library and all its peers, opened with one model for one number of threads. A peer that cannot be had is named
 * and left out.
 */
record Engines(BenchModel model, int threads, Bert4j ours, List<Engine> peers) implements AutoCloseable {
    private static final List<String> PYTHON = List.of("pytorch", "openvino", "ctranslate2", "onnxruntime");

    /**
     * Opens them.
     *
     * @param wanted what the names of peers must contain, or nothing for all
     */
    static Engines open(BenchModel model, int threads, String wanted, Report report) {
        Engines engines = new Engines(model, threads, new Bert4j(model.folder(), threads), new ArrayList<>());
        report.note(model.name() + ", " + engines.ours.description());
        Path made = Path.of(System.getProperty("bench.target", "target"), "graphs", model.name());
        // Four forms, of which those without a mask serve texts without padding. The random model brings two along.
        List<Path> graphs = new ArrayList<>();
        for (Path folder : List.of(model.folder(), made)) {
            for (String form : List.of("multihead", "attention", "masked", "masked-attention")) {
                graphs.add(folder.resolve(form + ".onnx"));
            }
        }
        for (Path graph : graphs) {
            if (Files.exists(graph)) {
                engines.add(OrtBert.NAME, wanted, report, () -> new OrtBert(graph, threads, true));
            }
        }
        engines.add(DjlTorch.NAME, wanted, report, () -> new DjlTorch(made.resolve("scripted.pt"), threads));
        for (String name : PYTHON) {
            engines.add(name + " python", wanted, report, () -> WorkerEngine.open(name, model.folder(), threads));
        }
        return engines;
    }

    private void add(String name, String wanted, Report report, Supplier<Engine> opening) {
        if (!name.toLowerCase(Locale.ROOT).contains(wanted.toLowerCase(Locale.ROOT))) {
            return;
        }
        try {
            Engine engine = opening.get();
            peers.add(engine);
            report.note(engine.description());
        } catch (RuntimeException | LinkageError e) {
            report.note(name + " is left out: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        ours.close();
        peers.forEach(Engine::close);
    }
}
