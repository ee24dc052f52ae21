package dev.bert4j.bench;

import java.util.List;
import java.util.Locale;
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

/**
 * The time of one forward pass over one text, engine by engine, each in JVMs of its own.
 *
 * <p>The warm-up lasts until C2 has compiled what a pass runs, and several forks show whether it compiles it the same
 * way every time. A fork takes half a minute and the engines are minutes apart, so on a machine that is shared or that
 * changes its clock the comparison is {@link Compare}'s.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(value = 3, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class EncoderBenchmark {
    /** Tokens of the text. */
    @Param({"8", "32", "128"})
    public int tokens;

    /** Threads of the engine; the text is one. */
    @Param({"1", "2"})
    public int threads;

    /** Which engine. */
    @Param({"bert4j", "onnxruntime"})
    public String engine;

    private Engine opened;
    private LocalCall call;

    /** Opens the model. */
    @Setup(Level.Trial)
    public void open() {
        opened = EngineName.valueOf(engine.toUpperCase(Locale.ROOT)).open(threads);
        call = (LocalCall) opened.prepare(List.of(Work.text(tokens, 0)), new int[][] {{0}});
    }

    /** One forward pass. */
    @Benchmark
    public Object forward() {
        return call.run();
    }

    /** Closes the model. */
    @TearDown(Level.Trial)
    public void close() {
        call.close();
        opened.close();
    }
}
