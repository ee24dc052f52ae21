package dev.bert4j.bench;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.bert4j.BertTokenizer;
import dev.bert4j.TokenIds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A text of English prose to ids: with offsets and all else, on the lean way, and by the Rust library. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TokenizerBenchmark {
    /** What the texts are. */
    @Param({"sentences", "paragraphs"})
    public String text;

    private final int[] ids = new int[4096];
    private List<String> texts;
    private int next;
    private BertTokenizer ours;
    private TokenIds lean;
    private HuggingFaceTokenizer theirs;
    private Path folder;

    /** Opens both tokenizers over the same vocabulary. */
    @Setup(Level.Trial)
    public void open() throws IOException {
        System.setProperty("OPT_OUT_TRACKING", "true");
        texts = text.equals("sentences") ? Prose.sentences(500) : Prose.paragraphs(100);
        ours = BertTokenizer.fromPretrained(Path.of(System.getProperty("bench.vocabulary")));
        lean = ours.tokenIds();
        folder = Files.createTempDirectory("tokenizer");
        ours.savePretrained(folder);
        theirs = HuggingFaceTokenizer.newInstance(folder.resolve("tokenizer.json"),
                Map.of("addSpecialTokens", "true", "truncation", "false", "padding", "false"));
    }

    /** Removes what was made. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        theirs.close();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    private String next() {
        next = next + 1 == texts.size() ? 0 : next + 1;
        return texts.get(next);
    }

    /** Ids, offsets, words and all else. */
    @Benchmark
    public int[] encode() {
        return ours.encode(next()).ids();
    }

    /** Ids into an array. */
    @Benchmark
    public int lean() {
        return lean.encode(next(), ids, 0);
    }

    /** The Rust library, through JNI. */
    @Benchmark
    public long[] rust() {
        return theirs.encode(next()).getIds();
    }
}
