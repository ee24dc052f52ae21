package dev.bert4j.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Rows of text in columns as wide as their widest cell. */
final class Table {
    private static final String GAP = "  ";

    private final List<String[]> rows = new ArrayList<>();
    private final boolean[] right;

    /** A table with those titles; a title that begins with {@code >} makes its column flush right. */
    Table(String... titles) {
        right = new boolean[titles.length];
        for (int i = 0; i < titles.length; i++) {
            right[i] = titles[i].startsWith(">");
            titles[i] = right[i] ? titles[i].substring(1) : titles[i];
        }
        rows.add(titles);
    }

    void add(String... cells) {
        rows.add(cells);
    }

    void print(PrintWriter out) {
        int[] widths = new int[right.length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], width(row[i]));
            }
        }
        for (String[] row : rows) {
            boolean title = row == rows.getFirst();
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                String fill = " ".repeat(widths[i] - width(row[i]));
                String cell = i == 0 && !title ? Terminal.green(row[i]) : row[i];
                line.append(i == 0 ? "" : GAP).append(right[i] ? fill + cell : cell + fill);
            }
            String text = line.toString().stripTrailing();
            out.println(title ? Terminal.bold(text) : text);
        }
    }

    /** The columns that a cell takes: its code points. */
    static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
