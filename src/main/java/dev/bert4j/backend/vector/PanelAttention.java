package dev.bert4j.backend.vector;

import dev.bert4j.backend.AttentionMask;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.cpu.Floats;
import dev.bert4j.backend.cpu.Workers;
import java.util.Arrays;

/**
 * Attention over token panels: both of its products are matrix products of the kind of the linear layers, with the
 * queries of a panel in the lanes and the keys and values of the text broadcast from their own panels.
 *
 * <p>Keys are taken in blocks with a running maximum and sum, so that memory does not grow with the square of the
 * length. A panel may hold tokens of several texts: then it is computed for each of them, and only the lanes of the
 * text are written.
 *
 * <p>The scratch of a worker holds, in rows of as many lanes as a panel: the scores of a block of keys, the context of
 * the queries, the state of the softmax, one row of a mask, and what relative positions need.
 */
final class PanelAttention implements Workers.Task {
    /** Keys of a block, counted from the start of the text. Part of the definition of the result. */
    static final int KEY_BLOCK = 128;
    /** Tasks for each thread, where a task could have several panels. */
    private static final int TASKS_PER_THREAD = 4;

    private final Workers workers;
    private final Workspace workspace;
    /** What takes ordinary attention over, or null. */
    private final NativeAttention natives;
    private Kernels kernels;
    private AttentionSpec spec;
    private Panels q;
    private KeyPanels kv;
    private Panels out;
    private float[] probabilities;
    private boolean halves;
    private RelativeScores relative;
    private int lanes;
    private int size;
    private int[] firstTask = new int[1];

    PanelAttention(Workers workers, Workspace workspace, NativeAttention natives) {
        this.workers = workers;
        this.workspace = workspace;
        this.natives = natives;
    }

    /**
     * Computes all heads of all texts.
     *
     * @param toProbabilities null or where to put them
     * @param inHalves whether bf16 is good enough
     */
    void run(Kernels with, AttentionSpec attention, Panels queries, KeyPanels keysAndValues, Panels context,
            float[] toProbabilities, boolean inHalves) {
        kernels = with;
        spec = attention;
        q = queries;
        kv = keysAndValues;
        out = context;
        probabilities = toProbabilities;
        halves = inHalves;
        lanes = q.lanes();
        size = spec.headSize();
        relative = spec.relative() == null ? null : new RelativeScores(kernels, spec, kv, lanes);
        if (firstTask.length <= spec.texts()) {
            firstTask = new int[Math.max(spec.texts() + 1, 2 * firstTask.length)];
        }
        for (int text = 0; text < spec.texts(); text++) {
            firstTask[text + 1] = firstTask[text] + spec.heads() * groups(text);
        }
        workers.runNeighbours(firstTask[spec.texts()], this);
    }

    /** The panels in which a text has queries: a task for each of them and each head. */
    private int panels(int text) {
        if (spec.length(text) == 0) {
            return 0;
        }
        return (spec.starts()[text + 1] - 1) / lanes - spec.starts()[text] / lanes + 1;
    }

    /** In how many groups, each a task, a text has its panels: of one, or of many that share what is packed. */
    private int groups(int text) {
        int panels = panels(text);
        return isInHalves(text) && panels > 0 ? Math.clamp(Math.ceilDiv(workers.threads() * TASKS_PER_THREAD,
                spec.texts() * spec.heads()), 1, panels) : panels;
    }

    private boolean isInHalves(int text) {
        return halves && natives != null && natives.takesInHalves(spec, text, kv);
    }

    @Override
    public void run(int task, int worker) {
        int text = textOf(task);
        int head = (task - firstTask[text]) % spec.heads();
        int group = (task - firstTask[text]) / spec.heads();
        int start = spec.starts()[text];
        int end = spec.starts()[text + 1];
        int room = Math.max(relativeAt() + (relative == null ? 0 : relative.scratchValues()),
                copiedMaskAt() + spec.keys(text));
        Floats scratch = workspace.scratch(worker, room);
        boolean inHalves = isInHalves(text);
        if (inHalves) {
            natives.pack(spec, text, head, kv, spec.visibleKeys(text, end - 1 - start), worker);
        }
        boolean inC = inHalves || natives != null && natives.takes(spec, text, kv, probabilities);
        int panels = panels(text);
        int groups = groups(text);
        int behind = start / lanes + (group + 1) * panels / groups;
        for (int panel = start / lanes + group * panels / groups; panel < behind; panel++) {
            int from = Math.max(start - panel * lanes, 0);
            int to = Math.min(end - panel * lanes, lanes);
            if (inC) {
                attendInC(text, head, panel, from, to, scratch, inHalves, worker);
            }
            if (!inC || probabilities != null) {
                attend(text, head, panel, from, to, scratch, !inC);
            }
        }
    }

    /** The text that a task belongs to: the last that does not begin after it. */
    private int textOf(int task) {
        int low = 0;
        int high = spec.texts() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (firstTask[middle] <= task) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private int contextAt() {
        return KEY_BLOCK * lanes;
    }

    private int stateAt() {
        return contextAt() + size * lanes;
    }

    /** Where {@link NativeAttention}, which has no use for the state, puts a mask. */
    private int copiedMaskAt() {
        return stateAt();
    }

    private int maskAt() {
        return stateAt() + Softmax.STATE_ROWS * lanes;
    }

    private int relativeAt() {
        return maskAt() + lanes;
    }

    /** For the queries in the lanes {@code [from, to)} of a panel. */
    private void attendInC(int text, int head, int panel, int from, int to, Floats scratch, boolean inHalves,
            int worker) {
        int vectorLanes = kernels.vectorLanes();
        int column = from / vectorLanes * vectorLanes;
        int used = Math.ceilDiv(to - column, vectorLanes) * vectorLanes;
        int keys = spec.visibleKeys(text, panel * lanes + to - 1 - spec.starts()[text]);
        // Where all lanes that are written belong to the text or to nobody, nothing is in the way.
        boolean alone = column == from && (to - column == used || panel * lanes + to == out.tokens());
        Floats context = alone ? out.floats() : scratch;
        int at = alone ? out.at(panel, head * size) + column : contextAt() + column;
        if (inHalves) {
            natives.attendInHalves(spec, text, head, q, panel, column, used, keys, context, at, scratch, copiedMaskAt(),
                    worker);
        } else {
            natives.attend(spec, text, head, q, panel, column, used, kv, keys, context, at, scratch, copiedMaskAt());
        }
        if (!alone) {
            store(scratch.values(), head, panel, from, to, column + used);
        }
    }

    /** The same with the Vector API; the context, or the probabilities alone. */
    private void attend(int text, int head, int panel, int from, int to, Floats room, boolean withContext) {
        float[] scratch = room.values();
        int vectorLanes = kernels.vectorLanes();
        // The vectors before the first query are left out: all rows are used from that lane on.
        int column = from / vectorLanes * vectorLanes;
        int vectors = Math.ceilDiv(to - column, vectorLanes);
        int context = contextAt() + column;
        int state = stateAt() + column;
        int keys = spec.visibleKeys(text, panel * lanes + to - 1 - spec.starts()[text]);
        Softmax softmax = kernels.softmax();
        softmax.begin(scratch, state, lanes, vectors);
        Arrays.fill(scratch, contextAt(), stateAt(), 0);
        for (int key = 0; key < keys; key += KEY_BLOCK) {
            int count = Math.min(KEY_BLOCK, keys - key);
            scores(text, head, key, count, vectors, panel, from, to, column, room);
            softmax.block(scratch, column, count, lanes, vectors, state);
            if (key > 0) {
                softmax.rescale(scratch, context, size, lanes, vectors, state);
            }
            addValues(text, head, key, count, column, vectors, scratch);
        }
        float factor = spec.headFactor(head);
        softmax.finish(scratch, context, size, lanes, vectors, state, factor);
        if (to - from > 1 && spec.masks().get(text).causal() && leaks(scratch, from, to)) {
            for (int lane = from; lane < to; lane++) {
                attend(text, head, panel, lane, lane + 1, room, withContext);
            }
            return;
        }
        if (withContext) {
            store(scratch, head, panel, from, to, column + vectors * vectorLanes);
        }
        if (probabilities != null) {
            for (int key = 0; key < keys; key += KEY_BLOCK) {
                int count = Math.min(KEY_BLOCK, keys - key);
                scores(text, head, key, count, vectors, panel, from, to, column, room);
                softmax.probabilities(scratch, column, count, lanes, vectors, state);
                storeProbabilities(scratch, text, head, key, count, panel, from, to);
            }
        }
    }

    /**
     * Whether keys that only later queries of a panel see may have come to one that should not see them: a product with
     * a weight of 0 is no number if the value is none or infinite, which the first query shows, since it sees the
     * fewest keys; and hidden keys weigh something where no key that is seen scores more than they do.
     */
    private boolean leaks(float[] scratch, int from, int to) {
        for (int d = 0; d < size; d++) {
            if (!Float.isFinite(scratch[contextAt() + d * lanes + from])) {
                return true;
            }
        }
        for (int lane = from; lane < to; lane++) {
            if (scratch[stateAt() + Softmax.MAXIMUM_ROW * lanes + lane] == -Float.MAX_VALUE) {
                return true;
            }
        }
        return false;
    }

    /** The masked and scaled scores of {@code count} keys of the text from its key {@code key} on. */
    private void scores(int text, int head, int key, int count, int vectors, int panel, int from, int to, int column,
            Floats room) {
        float[] scratch = room.values();
        Arrays.fill(scratch, 0, count * lanes, 0);
        PanelGemm gemm = kernels.panelGemm().of(vectors, lanes);
        int queries = q.at(panel, head * size) + column;
        int panelKeys = kv.lanes();
        for (int done = 0; done < count;) {
            int token = kv.first(text) + key + done;
            int keyPanel = token / panelKeys;
            int lane = token % panelKeys;
            int here = Math.min(panelKeys - lane, count - done);
            gemm.accumulateColumns(kv.keys(text, keyPanel), kv.keysAt(keyPanel, head * size) + lane, panelKeys, here,
                    size, q.values(), queries, scratch, done * lanes + column);
            done += here;
        }
        int firstQuery = panel * lanes - spec.starts()[text];
        if (relative != null) {
            relative.add(text, head, key, count, q.values(), queries, vectors, firstQuery, from, to, column, room,
                    relativeAt());
        }
        AttentionMask mask = spec.masks().get(text);
        if (mask.perQuery() && mask.additive() != null) {
            scaleByQuery(mask, text, key, count, vectors, firstQuery, from, to, column, scratch);
        } else {
            kernels.softmax().scale(scratch, column, count, lanes, vectors, spec.scale(), mask.additive(), key);
            if (mask.causal()) {
                hideKeysBehind(text, key, count, scratch, firstQuery, from, to);
            }
        }
    }

    private void scaleByQuery(AttentionMask mask, int text, int key, int count, int vectors, int firstQuery, int from,
            int to, int column, float[] scratch) {
        int row = spec.keys(text);
        int maskAt = maskAt();
        Arrays.fill(scratch, maskAt, maskAt + lanes, 0);
        for (int j = 0; j < count; j++) {
            for (int lane = from; lane < to; lane++) {
                scratch[maskAt + lane] = mask.additive()[(firstQuery + lane) * row + key + j];
            }
            kernels.softmax().scale(scratch, j * lanes + column, lanes, vectors, spec.scale(), maskAt + column);
        }
    }

    /** A key behind its query scores the lowest float. */
    private void hideKeysBehind(int text, int key, int count, float[] scratch, int firstQuery, int from, int to) {
        int firstKey = firstQuery + spec.keys(text) - spec.length(text);
        for (int j = Math.max(firstKey + from + 1 - key, 0); j < count; j++) {
            int hidden = Math.min(to, key + j - firstKey);
            if (hidden > from) {
                Arrays.fill(scratch, j * lanes + from, j * lanes + hidden, -Float.MAX_VALUE);
            }
        }
    }

    /** {@code context[d] += Σ values[d][key] · probability[key]}. */
    private void addValues(int text, int head, int key, int count, int column, int vectors, float[] scratch) {
        PanelGemm gemm = kernels.panelGemm().of(vectors, lanes);
        int panelKeys = kv.lanes();
        for (int done = 0; done < count;) {
            int token = kv.first(text) + key + done;
            int keyPanel = token / panelKeys;
            int lane = token % panelKeys;
            int here = Math.min(panelKeys - lane, count - done);
            gemm.accumulateRows(kv.values(text, keyPanel), kv.valuesAt(keyPanel, head * size) + lane, panelKeys, size,
                    here, scratch, done * lanes + column, scratch, contextAt() + column);
            done += here;
        }
    }

    /** Lanes behind the last token belong to nobody, so that they may be written along, up to {@code computed}. */
    private void store(float[] scratch, int head, int panel, int from, int to, int computed) {
        int last = panel * lanes + to < out.tokens() ? to : computed;
        int target = out.at(panel, head * size);
        for (int d = 0; d < size; d++) {
            System.arraycopy(scratch, contextAt() + d * lanes + from, out.values(), target + d * lanes + from,
                    last - from);
        }
    }

    private void storeProbabilities(float[] scratch, int text, int head, int key, int count, int panel, int from,
            int to) {
        int keys = spec.keys(text);
        int firstQuery = panel * lanes - spec.starts()[text];
        int base = spec.probabilitiesStart(text) + head * spec.length(text) * keys;
        for (int lane = from; lane < to; lane++) {
            int row = base + (firstQuery + lane) * keys + key;
            // Keys that only other queries of the panel see have none: not even the negative zero of a negative factor.
            int visible = spec.masks().get(text).causal()
                    ? Math.min(count, spec.visibleKeys(text, firstQuery + lane) - key) : count;
            for (int j = 0; j < visible; j++) {
                probabilities[row + j] = scratch[j * lanes + lane];
            }
        }
    }
}
