package dev.bert4j.cli;

import java.util.Locale;

/** Numbers of bytes as people read them. */
final class Sizes {
    private static final String[] UNITS = {"kB", "MB", "GB", "TB"};

    private Sizes() {
    }

    /** In thousands, with one digit behind the point: {@code 438.0 MB}. */
    static String of(long bytes) {
        if (bytes < 1000) {
            return bytes + " B";
        }
        double size = bytes / 1e3;
        int unit = 0;
        // What would be rounded to 1000.0 is 1.0 of the next unit.
        while (size >= 999.95 && unit < UNITS.length - 1) {
            size /= 1e3;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", size, UNITS[unit]);
    }
}
