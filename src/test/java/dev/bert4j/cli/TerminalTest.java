package dev.bert4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person at a terminal sees, and nobody else: progress and colours. */
class TerminalTest {
    private static final String CLEAR = "\r\u001b[K";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @AfterEach
    void noTerminal() {
        System.clearProperty(Terminal.PROPERTY);
    }

    private static void terminal(String streams) {
        System.setProperty(Terminal.PROPERTY, streams);
    }

    private int bert(String... args) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    @Test
    void progressIsALineThatGoesAgain() throws Exception {
        terminal("out,err");
        DownloadProgress download = new DownloadProgress(new PrintWriter(err));
        download.update("m", 0, -1);
        download.update("m", 15_000_000, 30_000_000);
        long end = System.nanoTime() + 20_000_000_000L;
        while (!err.toString().contains("50%") && System.nanoTime() < end) {
            Thread.sleep(20);
        }
        assertTrue(err.toString().contains("\rm  50% ["), err.toString());
        assertTrue(err.toString().contains("15/30 MB"), err.toString());
        download.update("m", 30_000_000, 30_000_000);
        assertTrue(err.toString().endsWith(CLEAR), err.toString());
        int length = err.toString().length();
        Thread.sleep(500);
        assertEquals(length, err.toString().length(), "nothing is drawn behind the end");
    }

    @Test
    void thereIsNoneWhereNobodySeesIt() throws Exception {
        for (String streams : new String[] {"", "out"}) {
            terminal(streams);
            try (Progress progress = Progress.ofPercent("m", new PrintWriter(err))) {
                progress.stepTo(50);
                Thread.sleep(300);
            }
            assertEquals("", err.toString());
        }
    }

    /** Lines that go to a file show how far they are; on a terminal they are seen themselves. */
    @Test
    void linesOfAFileHaveProgressWhereTheirAnswersGoElsewhere(@TempDir Path folder) throws Exception {
        Path texts = Files.writeString(folder.resolve("texts"), "Nice to [MASK] you.\n".repeat(5));
        String[] args = {"fill-mask", "--model", "src/models/demo", "--json", "--file", texts.toString()};
        terminal(",err,file");
        assertEquals(0, bert(args), err.toString());
        assertTrue(err.toString().contains("\rfill-mask"), err.toString());
        assertTrue(err.toString().endsWith(CLEAR), err.toString());
        assertEquals(50, out.toString().lines().count());
        err.getBuffer().setLength(0);
        for (String seen : new String[] {"out,err", ",err"}) {
            terminal(seen);
            assertEquals(0, bert(args), err.toString());
            assertEquals("", err.toString());
        }
    }

    @Test
    void coloursAreForTerminalsOnly() {
        assumeTrue(System.getenv("NO_COLOR") == null && !"dumb".equals(System.getenv("TERM")));
        terminal("err");
        assertEquals(0, bert("fill-mask", "--model", "src/models/demo", "Nice to [MASK] you."), err.toString());
        String plain = out.toString();
        assertFalse(plain.contains("\u001b"), plain);
        out.getBuffer().setLength(0);
        terminal("out");
        assertEquals(0, bert("fill-mask", "--model", "src/models/demo", "Nice to [MASK] you."), err.toString());
        assertTrue(out.toString().contains("\u001b[1mtoken"), out.toString());
        assertTrue(out.toString().contains("\u001b[32msee\u001b[0m"), out.toString());
        assertEquals(plain, out.toString().replaceAll("\u001b\\[[0-9]+m", ""), "the columns are where they were");
        out.getBuffer().setLength(0);
        assertEquals(0, bert("fill-mask", "--model", "src/models/demo", "--json", "Nice to [MASK] you."));
        assertFalse(out.toString().contains("\u001b"), out.toString());
    }
}
