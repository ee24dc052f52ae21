package dev.bert4j.bench;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A sentence in, a normalised embedding out, beside LangChain4j, which offers nothing less: tokenizing and pooling are
 * part of it on both sides. LangChain4j leaves the threads to ONNX Runtime, which takes one for each processor, so
 * there is no row of fewer.
 */
final class TextRow {
    static final String NAME = "text";

    private TextRow() {
    }

    static void measure(String row, BenchModel model, int threads, Contest contest, Report report, Roofline roofline)
            throws IOException {
        if (threads != Runtime.getRuntime().availableProcessors()) {
            return;
        }
        int tokens = Integer.parseInt(row.substring(row.indexOf(NAME) + NAME.length()));
        try (SentenceEmbedder embedder = new SentenceEmbedder(model.folder(), threads)) {
            String sentence = sentence(embedder, tokens);
            Embedding ours = new Embedding(embedder::embed, sentence);
            ours.run();
            Map<String, Call> calls = new LinkedHashMap<>(Map.of(Bert4j.NAME, ours));
            try {
                LangChain4j peer = new LangChain4j();
                Embedding theirs = new Embedding(peer::embed, sentence);
                theirs.run();
                Deviation deviation = Deviation.of(theirs.values(), ours.values());
                report.progress(row + ": " + LangChain4j.NAME + ", " + deviation);
                if (!deviation.within(ParityCheck.TOLERANCE)) {
                    throw new IllegalStateException("its embedding and ours " + deviation);
                }
                calls.put(LangChain4j.NAME, theirs);
            } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
                report.note(LangChain4j.NAME + " is left out: " + e);
            }
            Map<String, List<Samples>> samples = contest.hold(row, calls);
            report.row(new RowResult(row, threads, samples, Map.of(), model.flops(tokens), model.layerBytes(),
                    roofline));
        }
    }

    /** The beginning of a paragraph that has just so many tokens, or one or two less where a word would not fit. */
    private static String sentence(SentenceEmbedder embedder, int tokens) {
        String[] words = Prose.paragraphs(1).getFirst().split(" ");
        int count = 1;
        while (count < words.length && embedder.tokens(first(words, count + 1)) <= tokens) {
            count++;
        }
        return first(words, count);
    }

    private static String first(String[] words, int count) {
        return String.join(" ", Arrays.copyOf(words, count));
    }

    /** What makes a vector of a text. */
    private interface Embedder {
        float[] embed(String text);
    }

    private static final class Embedding implements LocalCall {
        private final Embedder embedder;
        private final String text;
        private float[] vector;

        Embedding(Embedder embedder, String text) {
            this.embedder = embedder;
            this.text = text;
        }

        @Override
        public Object run() {
            vector = embedder.embed(text);
            return vector;
        }

        @Override
        public float[] values() {
            return vector;
        }
    }
}
