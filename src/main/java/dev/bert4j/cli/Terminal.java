package dev.bert4j.cli;

import java.util.List;

/** Which of the streams a person sees; the launcher says it in a system property, for Java cannot tell. */
final class Terminal {
    /** The property: {@code out}, {@code err}, and {@code file} where the output is one, with commas between. */
    static final String PROPERTY = "dev.bert4j.terminal";

    private Terminal() {
    }

    /** Whether somebody sees the output. */
    static boolean out() {
        return has("out");
    }

    /** Whether somebody sees the error stream. */
    static boolean err() {
        return has("err");
    }

    /** Whether the output goes to a file; behind a pipe there may be somebody who sees it. */
    static boolean file() {
        return has("file");
    }

    private static boolean has(String stream) {
        return List.of(System.getProperty(PROPERTY, "").split(",")).contains(stream);
    }

    /** Whether the output may have colours: on a terminal that has them, for a person who wants them (no-color.org). */
    static boolean colors() {
        String no = System.getenv("NO_COLOR");
        return out() && (no == null || no.isEmpty()) && !"dumb".equals(System.getenv("TERM"));
    }

    /** The text in bold type, where there may be colours. */
    static String bold(String text) {
        return colors() ? "\u001b[1m" + text + "\u001b[0m" : text;
    }

    /** The text in green, what is likeliest or was found, where there may be colours. */
    static String green(String text) {
        return colors() ? "\u001b[32m" + text + "\u001b[0m" : text;
    }
}
