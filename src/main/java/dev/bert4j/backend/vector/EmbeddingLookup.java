package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.CpuParameter.FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.bert4j.backend.EmbeddingInput;
import dev.bert4j.backend.EmbeddingTables;
import dev.bert4j.backend.Parameter;
import dev.bert4j.backend.cpu.CpuParameter;
import java.lang.foreign.MemorySegment;

/**
 * Sums the table rows of each token into its lane. A lane is one float in every line of the panel, so the stores are
 * scalar whatever the loads are, and it is they that cost: this is one class for all widths.
 */
final class EmbeddingLookup {
    private final EmbeddingTables tables;
    private final EmbeddingInput input;
    private final Panels y;
    private final int lanes;

    EmbeddingLookup(EmbeddingTables tables, EmbeddingInput input, Panels y, int lanes) {
        this.tables = tables;
        this.input = input;
        this.y = y;
        this.lanes = lanes;
    }

    long scratchBytes() {
        return 3L * tables.features() * Float.BYTES;
    }

    /** Fills one panel; lanes behind the last token become zero, so that nothing odd is computed on in them. */
    void run(int panel, MemorySegment scratch) {
        y.rows(panel, 0, tables.features()).fill((byte) 0);
        int end = Math.min((panel + 1) * lanes, input.tokens());
        for (int token = panel * lanes; token < end; token++) {
            MemorySegment word = input.wordIds() != null ? row(tables.word(), input.wordIds()[token], scratch, 0)
                    : vector(token, scratch);
            MemorySegment type = row(tables.type(), input.typeIds()[token], scratch, 1);
            if (tables.position() == null) {
                add(word, type, token);
            } else {
                add(word, type, row(tables.position(), input.positionIds()[token], scratch, 2), token);
            }
        }
    }

    private void add(MemorySegment word, MemorySegment type, MemorySegment position, int token) {
        MemorySegment memory = y.memory();
        long to = y.offset(token);
        for (long o = 0; o < word.byteSize(); o += Float.BYTES, to += y.laneBytes()) {
            memory.set(JAVA_FLOAT, to, word.get(FLOAT, o) + type.get(FLOAT, o) + position.get(FLOAT, o));
        }
    }

    private void add(MemorySegment word, MemorySegment type, int token) {
        MemorySegment memory = y.memory();
        long to = y.offset(token);
        for (long o = 0; o < word.byteSize(); o += Float.BYTES, to += y.laneBytes()) {
            memory.set(JAVA_FLOAT, to, word.get(FLOAT, o) + type.get(FLOAT, o));
        }
    }

    /** A row of a table: in place, or widened into the n-th row of scratch. */
    private MemorySegment row(Parameter table, int index, MemorySegment scratch, int n) {
        CpuParameter parameter = (CpuParameter) table;
        int features = tables.features();
        long bytes = (long) features * Float.BYTES;
        if (parameter.hasFloats()) {
            return parameter.floats().asSlice(index * bytes, bytes);
        }
        MemorySegment widened = scratch.asSlice(n * bytes, bytes);
        parameter.copyTo((long) index * features, widened, features);
        return widened;
    }

    private MemorySegment vector(int token, MemorySegment scratch) {
        int features = tables.features();
        MemorySegment row = scratch.asSlice(0, (long) features * Float.BYTES);
        MemorySegment.copy(input.wordVectors(), token * features, row, FLOAT, 0, features);
        return row;
    }
}
