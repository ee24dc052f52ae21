package dev.bert4j.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.EmbeddingInput;
import dev.bert4j.backend.EmbeddingTables;
import dev.bert4j.backend.KeyValues;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.NormWeights;
import dev.bert4j.backend.Session;
import dev.bert4j.backend.cpu.CpuKeyValues;
import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Workers;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The operations over token panels, each split among the workers. */
final class VectorSession implements Session {
    /** Weight rows that a part of a product takes. */
    private static final int ROWS = 96;
    /** Bytes of weights that are multiplied with all panels before the next: they stay in the second-level cache. */
    private static final long BLOCK = 288 << 10;
    /** A multiple of the rows of every tile. */
    private static final int TILE = 24;
    /** Parts of a product for each thread, so that one that is held up does not hold up the others. */
    private static final int PARTS_PER_THREAD = 4;

    private final VectorBackend backend;
    private final Workers workers;
    private final Workspace workspace;
    private final Kernels kernels;
    private final int lanes;

    VectorSession(VectorBackend backend, Workspace workspace, Kernels kernels, int lanes) {
        this.backend = backend;
        this.workers = backend.workers();
        this.workspace = workspace;
        this.kernels = kernels;
        this.lanes = lanes;
    }

    /** Tokens of a panel. */
    int lanes() {
        return lanes;
    }

    int vectorLanes() {
        return kernels.vectorLanes();
    }

    private Panels create(int tokens, int features) {
        return new Panels(this, workspace.take(Panels.bytes(tokens, features, lanes)), tokens, features);
    }

    void release(MemorySegment memory) {
        workspace.give(memory);
    }

    @Override
    public Activation embed(EmbeddingTables tables, EmbeddingInput input) {
        Panels y = create(input.tokens(), tables.features());
        EmbeddingLookup lookup = new EmbeddingLookup(tables, input, y, lanes);
        workers.run(y.count(), (panel, worker) -> lookup.run(panel, workspace.scratch(worker, lookup.scratchBytes())));
        return y;
    }

    @Override
    public Activation layerNorm(Activation x, NormWeights norm) {
        Panels in = (Panels) x;
        Panels y = create(x.tokens(), x.features());
        normalize(in, y, norm);
        return y;
    }

    private void normalize(Panels x, Panels y, NormWeights norm) {
        MemorySegment weight = floats(norm.weight());
        MemorySegment bias = floats(norm.bias());
        long laneBytes = y.laneBytes();
        int features = x.features();
        workers.run(y.count(), (panel, worker) -> kernels.norm().normalize(x.rows(panel, 0, features),
                y.rows(panel, 0, features), weight, bias, norm.eps(), features, laneBytes, x.vectors(panel),
                workspace.scratch(worker, Norm.SCRATCH_VECTORS * laneBytes)));
    }

    @Override
    public Activation linear(Activation x, LinearWeights linear, ActivationFunction f) {
        Panels y = create(x.tokens(), linear.out());
        ActivationKernel kernel = kernels.activation(f);
        product((Panels) x, linear, y, (panel, row, rows, block, bias) -> kernel
                .activate(block, bias, rows, y.laneBytes(), y.vectors(panel), f));
        return y;
    }

    @Override
    public Activation linearAddNorm(Activation x, LinearWeights linear, Activation residual, NormWeights norm) {
        Panels y = create(x.tokens(), linear.out());
        Panels r = (Panels) residual;
        product((Panels) x, linear, y, (panel, row, rows, block, bias) -> kernels.pointwise()
                .addResidual(block, bias, r.rows(panel, row, rows), rows, y.laneBytes(), y.vectors(panel)));
        normalize(y, y, norm);
        return y;
    }

    /** What is done with finished rows of a panel while they are in the cache. */
    @FunctionalInterface
    private interface Epilogue {
        void apply(int panel, int row, int rows, MemorySegment block, MemorySegment bias);
    }

    private void product(Panels x, LinearWeights linear, Panels y, Epilogue epilogue) {
        MemorySegment bias = linear.bias() == null ? null : floats(linear.bias());
        int parts = workers.threads() * PARTS_PER_THREAD;
        int rowsEach = Math.clamp(roundUp(Math.ceilDiv(linear.out(), parts)), TILE, ROWS);
        // A block is used again for every panel, or was just widened, and is small enough to be in the cache then; one
        // that is read once, where it lies, need not be.
        int cached = Math.clamp(roundUp((int) (BLOCK / ((long) linear.in() * Float.BYTES)) - TILE + 1), TILE, ROWS);
        boolean once = y.count() == 1 && ((CpuParameter) linear.weight()).hasFloats();
        int rowsAtOnce = once ? ROWS : cached;
        workers.run(Math.ceilDiv(linear.out(), rowsEach), (part, worker) -> {
            int end = Math.min((part + 1) * rowsEach, linear.out());
            for (int row = part * rowsEach; row < end; row += rowsAtOnce) {
                int rows = Math.min(rowsAtOnce, end - row);
                multiply(linear, row, rows, x, y, worker);
                MemorySegment rowBias = bias == null ? null : bias.asSlice((long) row * Float.BYTES);
                for (int panel = 0; panel < y.count(); panel++) {
                    epilogue.apply(panel, row, rows, y.rows(panel, row, rows), rowBias);
                }
            }
        });
    }

    private static int roundUp(int rows) {
        return Math.ceilDiv(Math.max(rows, 1), TILE) * TILE;
    }

    /** The product of some rows of the weight and all panels: in place, or from a widened copy of the rows. */
    private void multiply(LinearWeights linear, int row, int rows, Panels x, Panels y, int worker) {
        CpuParameter weight = (CpuParameter) linear.weight();
        int depth = linear.in();
        long rowStep = (long) depth * Float.BYTES;
        MemorySegment w;
        if (weight.hasFloats()) {
            w = weight.floats().asSlice(row * rowStep);
        } else {
            w = workspace.scratch(worker, rows * rowStep);
            weight.copyTo((long) row * depth, w, (long) rows * depth);
        }
        Kernels.Product product = w.isMapped() ? kernels.mapped() : kernels.memory();
        for (int panel = 0; panel < y.count(); panel++) {
            MemorySegment block = y.rows(panel, row, rows);
            block.fill((byte) 0);
            product.gemm(y.vectors(panel)).accumulate(w, rowStep, Float.BYTES, rows, depth, x.rows(panel, 0, depth),
                    block, y.laneBytes());
        }
    }

    private static MemorySegment floats(dev.bert4j.backend.Parameter vector) {
        return ((CpuParameter) vector).floats();
    }

    @Override
    public Activation attention(Activation q, Activation k, Activation v, AttentionSpec spec, float[] probabilities) {
        return attention((Panels) q, KeyPanels.of(kernels, (Panels) k, (Panels) v, spec.keyStarts()), spec,
                probabilities);
    }

    @Override
    public Activation attention(Activation q, List<KeyValues> kept, AttentionSpec spec, float[] probabilities) {
        return attention((Panels) q, KeyPanels.of(kernels, kept), spec, probabilities);
    }

    private Panels attention(Panels q, KeyPanels kv, AttentionSpec spec, float[] probabilities) {
        Panels y = create(q.tokens(), q.features());
        PanelAttention attention = new PanelAttention(kernels, spec, q, kv, y, probabilities, lanes);
        int[] firstTask = new int[spec.texts() + 1];
        for (int text = 0; text < spec.texts(); text++) {
            firstTask[text + 1] = firstTask[text] + spec.heads() * attention.panels(text);
        }
        workers.run(firstTask[spec.texts()], (task, worker) -> {
            int text = textOf(task, firstTask);
            int within = task - firstTask[text];
            attention.run(text, within % spec.heads(), within / spec.heads(),
                    workspace.scratch(worker, attention.scratchBytes()));
        });
        return y;
    }

    /** The text that a task belongs to: the last that does not begin after it. */
    private static int textOf(int task, int[] firstTask) {
        int low = 0;
        int high = firstTask.length - 2;
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

    @Override
    public List<KeyValues> append(List<KeyValues> past, Activation k, Activation v, int[] starts) {
        List<KeyValues> longer = new ArrayList<>();
        for (int text = 0; text < starts.length - 1; text++) {
            int start = starts[text];
            longer.add(CpuKeyValues.append(past == null ? null : (CpuKeyValues) past.get(text), k.features(),
                    starts[text + 1] - start, (token, count, keys, values, lane) -> {
                        ((Panels) k).copyTo(start + token, count, keys, CpuKeyValues.LANES, lane);
                        ((Panels) v).copyTo(start + token, count, values, CpuKeyValues.LANES, lane);
                    }));
        }
        return longer;
    }

    @Override
    public Activation gather(Activation x, int[] tokens) {
        Panels in = (Panels) x;
        Panels y = create(tokens.length, x.features());
        long laneBytes = y.laneBytes();
        for (int i = 0; i < tokens.length; i++) {
            long from = in.offset(Objects.checkIndex(tokens[i], x.tokens()));
            long to = y.offset(i);
            for (int f = 0; f < x.features(); f++) {
                y.memory().set(JAVA_FLOAT, to + f * laneBytes, in.memory().get(JAVA_FLOAT, from + f * laneBytes));
            }
        }
        return y;
    }

    @Override
    public Activation upload(float[] rows, int tokens, int features) {
        Panels y = create(tokens, features);
        long laneBytes = y.laneBytes();
        for (int token = 0; token < tokens; token++) {
            long to = y.offset(token);
            for (int f = 0; f < features; f++) {
                y.memory().set(JAVA_FLOAT, to + f * laneBytes, rows[token * features + f]);
            }
        }
        return y;
    }

    @Override
    public float[] download(Activation x) {
        Panels in = (Panels) x;
        int features = x.features();
        float[] rows = new float[Math.multiplyExact(x.tokens(), features)];
        long laneBytes = in.laneBytes();
        // Panel by panel and feature by feature: each line of the panel is read once, for all its tokens.
        for (int first = 0; first < x.tokens(); first += lanes) {
            int count = Math.min(lanes, x.tokens() - first);
            long from = in.offset(first);
            for (int f = 0; f < features; f++) {
                for (int lane = 0; lane < count; lane++) {
                    rows[(first + lane) * features + f] = in.memory()
                            .get(JAVA_FLOAT, from + f * laneBytes + (long) lane * Float.BYTES);
                }
            }
        }
        return rows;
    }

    @Override
    public void close() {
        backend.release(workspace);
    }
}
