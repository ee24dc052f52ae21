package dev.bert4j.backend.vector;

import dev.bert4j.backend.EmbeddingInput;
import dev.bert4j.backend.EmbeddingTables;
import dev.bert4j.backend.Parameter;
import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Floats;
import dev.bert4j.backend.cpu.Workers;
import java.util.Arrays;

/**
 * Sums the table rows of each token into its lane. A lane is one float in every line of the panel, so the stores are
 * scalar whatever the loads are, and it is they that cost: this is one class for all widths.
 */
final class EmbeddingLookup implements Workers.Task {
    private final Workers workers;
    private final Workspace workspace;
    private EmbeddingTables tables;
    private EmbeddingInput input;
    private Panels y;

    EmbeddingLookup(Workers workers, Workspace workspace) {
        this.workers = workers;
        this.workspace = workspace;
    }

    /** Looks all tokens up, a panel for a part. */
    void run(EmbeddingTables from, EmbeddingInput ids, Panels output) {
        tables = from;
        input = ids;
        y = output;
        workers.runNeighbours(y.count(), this);
    }

    /** Fills one panel; lanes behind the last token become zero, so that nothing odd is computed on in them. */
    @Override
    public void run(int panel, int worker) {
        int features = tables.features();
        Floats scratch = workspace.scratch(worker, 2 * features);
        float[] sums = scratch.values();
        Arrays.fill(y.values(), y.at(panel, 0), y.at(panel + 1, 0), 0);
        int end = Math.min((panel + 1) * y.lanes(), input.tokens());
        for (int token = panel * y.lanes(); token < end; token++) {
            int at = y.at(token);
            if (input.wordIds() != null) {
                copy(tables.word(), input.wordIds()[token], scratch);
            } else {
                System.arraycopy(input.wordVectors(), token * features, sums, 0, features);
            }
            add(tables.type(), input.typeIds()[token], scratch, features);
            if (tables.position() != null) {
                add(tables.position(), input.positionIds()[token], scratch, features);
            }
            float[] values = y.values();
            for (int f = 0; f < features; f++) {
                values[at + f * y.lanes()] = sums[f];
            }
        }
    }

    /** A row of a table, widened. */
    private void copy(Parameter table, int index, Floats row) {
        int features = tables.features();
        ((CpuParameter) table).copyTo((long) index * features, row.segment(), 0, features);
    }

    /** Adds a row of a table to the first of two rows; the second is room for it. */
    private void add(Parameter table, int index, Floats both, int features) {
        ((CpuParameter) table).copyTo((long) index * features, both.segment(), features, features);
        float[] rows = both.values();
        for (int f = 0; f < features; f++) {
            rows[f] += rows[features + f];
        }
    }
}
