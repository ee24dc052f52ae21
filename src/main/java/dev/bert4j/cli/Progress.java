package dev.bert4j.cli;

import java.io.PrintWriter;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A line on a terminal that says how far some long work is, how fast it goes and how long it will take, and is gone at
 * the end. Where nobody sees the error stream, there is none.
 */
final class Progress implements AutoCloseable {
    private static final int MILLIS = 200;
    private static final int COLUMNS = 79;
    private static final int KILO = 1000;
    private static final int MEGA = 1_000_000;
    private static final int PERCENT = 100;
    /** Back to the beginning of the line, and what is there away. */
    private static final String CLEAR = "\r\u001b[K";

    private final ProgressBar bar;

    private Progress(ProgressBar bar) {
        this.bar = bar;
    }

    /** In hundredths. */
    static Progress ofPercent(String task, PrintWriter err) {
        return of(task, 0, PERCENT, "%", 1, err);
    }

    /**
     * In bytes.
     *
     * @param done what was done before, and does not count for the speed
     * @param total less than 1 where nobody knows how many there are
     */
    static Progress ofBytes(String task, long done, long total, PrintWriter err) {
        boolean few = total > 0 && total < 10 * MEGA;
        return of(task, done, total, few ? " kB" : " MB", few ? KILO : MEGA, err);
    }

    private static Progress of(String task, long done, long total, String unit, int size, PrintWriter err) {
        return new Progress(!Terminal.err() ? null : ProgressBar.builder().setTaskName(task)
                .startsFrom(done, Duration.ZERO).setInitialMax(total < 1 ? -1 : total).setUnit(unit, size).showSpeed()
                .setStyle(ProgressBarStyle.ASCII).setUpdateIntervalMillis(MILLIS).setConsumer(new Line(err))
                .clearDisplayOnFinish().build());
    }

    void stepTo(long done) {
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    /** More is known of how much there is. */
    void total(long total) {
        if (bar != null && total > 0 && bar.getMax() != total) {
            bar.maxHint(total);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }

    private record Line(PrintWriter err) implements ProgressBarConsumer {
        @Override
        public int getMaxRenderedLength() {
            return COLUMNS;
        }

        @Override
        public void accept(String line) {
            err.print("\r" + line);
            err.flush();
        }

        @Override
        public void clear() {
            err.print(CLEAR);
            err.flush();
        }

        @Override
        public void close() {
            clear();
        }
    }
}
