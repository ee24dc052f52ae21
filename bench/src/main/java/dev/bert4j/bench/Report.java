package dev.bert4j.bench;

import dev.bert4j.json.Json;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where results go as they come: tables for people on stdout or, if JSON is wanted, one object a line there and the
 * tables on stderr. What else is to be said goes to stderr.
 */
final class Report {
    private final boolean json;
    private final PrintStream out = System.out;
    private final List<RowResult> rows = new ArrayList<>();

    Report(boolean json) {
        this.json = json;
    }

    /** Something that a reader of the figures must know. */
    void note(String text) {
        System.err.println(text == null ? "" : text.replace('\n', ' '));
    }

    /** Something only for who waits. */
    void progress(String text) {
        System.err.println("    " + text);
    }

    /** A line for people. */
    void line(String text) {
        (json ? System.err : out).println(text);
    }

    /** An object for programs. */
    void object(Map<String, Object> object) {
        if (json) {
            out.println(Json.write(object));
            out.flush();
        }
    }

    /** A row of the comparison. */
    void row(RowResult row) {
        rows.add(row);
        line(row.table());
        object(row.json());
    }

    /** What all rows say together. */
    void summary() {
        List<RowResult> compared = rows.stream().filter(row -> row.bestPeer() != null).toList();
        if (compared.isEmpty()) {
            return;
        }
        double mean = Math.exp(compared.stream().mapToDouble(row -> Math.log(row.ratio())).average().orElseThrow());
        long lost = compared.stream().filter(row -> row.ratio() < 1).count();
        line(String.format(Locale.ROOT, "%nGeometric mean of the ratios %.3f; %d of %d rows below 1.0", mean,
                lost, compared.size()));
        section("summary", "geometric_mean", mean, "rows", compared.size(), "below_1", lost);
    }

    /** An object of a section: names and values in turn. */
    void section(String section, Object... values) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("section", section);
        for (int i = 0; i < values.length; i += 2) {
            object.put(String.valueOf(values[i]), values[i + 1]);
        }
        object(object);
    }

    /** The heading of a section's table. */
    void heading(String title, String... columns) {
        line("");
        line(title);
        line("");
        cells((Object[]) columns);
        line("|" + "---|".repeat(columns.length));
    }

    /** A line of a section's table; numbers with decimals as few as they need. */
    void cells(Object... values) {
        line("| " + String.join(" | ", Arrays.stream(values).map(Report::cell).toList()) + " |");
    }

    private static String cell(Object value) {
        return value instanceof Double number
                ? String.format(Locale.ROOT, Math.abs(number) < 10 ? "%.3f" : "%.1f", number)
                : String.valueOf(value);
    }
}
