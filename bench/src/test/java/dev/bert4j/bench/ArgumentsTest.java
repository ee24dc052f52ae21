package dev.bert4j.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

class ArgumentsTest {
    /** A benchmark that keeps what it was told. */
    private static final class Probe implements Callable<Void> {
        @Option(names = "--jvm")
        private List<String> flags = List.of();
        @Mixin
        private final Pace.Options options = new Pace.Options();
        private Pace pace;

        @Override
        public Void call() {
            pace = options.pace(false);
            return null;
        }
    }

    private final StringWriter said = new StringWriter();

    private int run(Callable<Void> benchmark, String... args) {
        return Arguments.of(benchmark).setErr(new PrintWriter(said)).execute(args);
    }

    private static Compare compare(String... args) {
        Compare compare = new Compare();
        Arguments.of(compare).parseArgs(args);
        return compare;
    }

    @Test
    void valuesMayRepeatAndLookLikeOptions() {
        Probe probe = new Probe();
        assertEquals(0, run(probe, "--jvm", "-Xmx1g", "--jvm", "-Xms1g", "--slice", "0.5"));
        assertEquals(List.of("-Xmx1g", "-Xms1g"), probe.flags);
        assertEquals(500_000_000L, probe.pace.sliceNanos());
        assertEquals(6, probe.pace.rounds());
        assertEquals("", said.toString());
    }

    @Test
    void sectionsAndThreadsAreListsWithDefaults() {
        Compare some = compare("--quick", "--threads", "1,2", "--sections", "cold-start,precision");
        assertEquals(List.of(1, 2), some.threads());
        assertEquals(List.of(Section.COLD_START, Section.PRECISION), some.sections());
        assertEquals(Section.QUICK, compare("--quick").sections());
        assertEquals(List.of(), compare("--quick", "--rows", "base").sections());
        assertEquals(List.of(Section.values()), compare().sections());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            --rounds 0       | --rounds is 0; it must be at least 1.
            --slice -1       | --slice is -1.0; it must be seconds from 0 to 86400.
            --pause NaN      | --pause is NaN; it must be seconds from 0 to 86400.
            --rounds many    | 'many' is not an int
            --row x          | Unknown options: '--row', 'x'
            --warmup         | Missing required parameter for option '--warmup'
            """)
    void refusesInOneLine(String args, String expected) {
        assertEquals(2, run(new Probe(), args.split(" ")));
        assertTrue(said.toString().contains(expected), said.toString());
        assertEquals(1, said.toString().lines().count(), said.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            --sections speed   | there is no section 'speed'; there are [concurrency, service,
            --rows (           | '(' is no regular expression: Unclosed group.
            --threads 1,two    | 'two' is not an int
            """)
    void comparisonsRefuseBeforeAnythingIsMeasured(String args, String expected) {
        assertEquals(2, run(new Compare(), args.split(" ")));
        assertTrue(said.toString().contains(expected), said.toString());
        assertEquals(1, said.toString().lines().count(), said.toString());
    }

    @Test
    void rowsThatDoNotExistAreRefusedWithThoseThatDo() {
        List<BenchModel> models = List.of(new BenchModel("base", Path.of("."), null));
        compare("--rows", "^base 1x").checkRows(models);
        compare("--rows", "none").checkRows(models);
        compare().checkRows(models);
        Compare wrong = compare("--rows", "base1x8");
        String refusal = assertThrows(IllegalArgumentException.class, () -> wrong.checkRows(models)).getMessage();
        assertTrue(refusal.startsWith("--rows base1x8 finds none of the rows, which are base 1x8, base 1x32"), refusal);
    }

    @ParameterizedTest
    @CsvSource({"8", "8x", "x8", "0x8", "1x513", "1x1", "ragged", "ragged0", "8x128x2", "short-1"})
    void refusesWorkThatIsNone(String name) {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Work.of(name)).getMessage()
                .startsWith("There is no work '" + name + "'"));
    }
}
