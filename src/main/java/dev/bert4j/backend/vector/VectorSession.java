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
import dev.bert4j.backend.cpu.Workers;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/** The operations over token panels, each split among the workers. */
final class VectorSession implements Session {
    private final VectorBackend backend;
    private final Workers workers;
    private final Workspace workspace;
    private final Kernels kernels;
    private final PanelProduct product;
    private final int lanes;

    VectorSession(VectorBackend backend, Workspace workspace, Kernels kernels, int lanes) {
        this.backend = backend;
        this.workers = backend.workers();
        this.workspace = workspace;
        this.kernels = kernels;
        this.product = new PanelProduct(workers, workspace, kernels);
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
        MemorySegment weight = PanelProduct.floats(norm.weight());
        MemorySegment bias = PanelProduct.floats(norm.bias());
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
        product.run((Panels) x, linear, y, (panel, row, rows, block, bias) -> kernel
                .activate(block, bias, rows, y.laneBytes(), y.vectors(panel), f));
        return y;
    }

    @Override
    public Activation linearAddNorm(Activation x, LinearWeights linear, Activation residual, NormWeights norm) {
        Panels y = create(x.tokens(), linear.out());
        Panels r = (Panels) residual;
        product.run((Panels) x, linear, y, (panel, row, rows, block, bias) -> kernels.pointwise()
                .addResidual(block, bias, r.rows(panel, row, rows), rows, y.laneBytes(), y.vectors(panel)));
        normalize(y, y, norm);
        return y;
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
        return CpuKeyValues.append(past, k.features(), starts, (token, count, keys, values, lane) -> {
            ((Panels) k).copyTo(token, count, keys, CpuKeyValues.LANES, lane);
            ((Panels) v).copyTo(token, count, values, CpuKeyValues.LANES, lane);
        });
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
