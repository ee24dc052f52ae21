package dev.bert4j.cli;

import dev.bert4j.hub.HubProgress;
import java.io.PrintWriter;
import java.util.Locale;

/** One line on a terminal that says how far a file is, and is gone when it is there. */
final class ProgressLine implements HubProgress {
    private static final int BAR = 30;
    private static final long REDRAW_NANOS = 100_000_000;
    /** Back to the beginning of the line, and what is there away. */
    private static final String CLEAR = "\r\u001b[K";

    private final PrintWriter out;
    private long drawn = System.nanoTime() - REDRAW_NANOS;

    ProgressLine(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void update(String file, long done, long total) {
        boolean end = done == total;
        if (!end && System.nanoTime() - drawn < REDRAW_NANOS) {
            return;
        }
        drawn = System.nanoTime();
        out.print(end ? CLEAR : CLEAR + line(file, done, total));
        out.flush();
    }

    /** The line itself; without a bar where nobody knows how much there is to come. */
    static String line(String file, long done, long total) {
        if (total <= 0) {
            return file + "  " + Sizes.of(done);
        }
        int full = (int) (BAR * done / total);
        return String.format(Locale.ROOT, "%s  [%s%s] %3d%%  %s of %s", file, "#".repeat(full), " ".repeat(BAR - full),
                100 * done / total, Sizes.of(done), Sizes.of(total));
    }
}
