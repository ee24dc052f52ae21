package dev.bert4j.backend.vector;

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
import dev.bert4j.backend.nativecpu.FloatKernels;
import dev.bert4j.backend.nativecpu.HalfAttention;
import java.util.List;
import java.util.Objects;

/**
 * The operations over token panels, each split among the workers. A session is used again for later calls, with its
 * memory and the objects of its operations, so that a call allocates nothing but its result.
 */
final class VectorSession implements Session {
    /** Where a line begins in an array that is large to the garbage collector: behind a header of 16 bytes. */
    private static final int LARGE_ARRAY_LINE = 12;
    /**
     * Tokens that go through a feed-forward part together, for each thread. Inner values are the widest by far, 12 KiB
     * a token in BERT-base: of all tokens they would be half of the memory of a call. With fewer tokens weights would
     * come from memory too often.
     */
    private static final int CHUNK = 128;

    private final VectorBackend backend;
    private final Workspace workspace;
    private final EmbeddingLookup lookup;
    private final PanelProduct product;
    private final PanelNorm norm;
    private final PanelAttention attention;
    private final KeyPanels.OfCall keysOfCall = new KeyPanels.OfCall();
    private final Panels chunk = Panels.view();
    private final Panels chunkOfOutput = Panels.view();
    private final int chunkTokens;
    private Panels[] several = new Panels[0];
    private Kernels kernels;
    private int lanes;

    VectorSession(VectorBackend backend, Workers workers, RowProducts rows, FloatKernels natives,
            HalfAttention halves) {
        this.backend = backend;
        workspace = new Workspace(workers.threads(), natives == null ? floats -> LARGE_ARRAY_LINE
                : floats -> natives.lineStart(floats.segment()));
        chunkTokens = CHUNK * workers.threads();
        lookup = new EmbeddingLookup(workers, workspace);
        product = new PanelProduct(workers, rows.create(workers, workspace));
        norm = new PanelNorm(workers, workspace);
        attention = new PanelAttention(workers, workspace, natives == null ? null
                : new NativeAttention(natives, halves, workers.threads()));
    }

    /** Makes what multiplies the rows of weights, for a session. */
    @FunctionalInterface
    interface RowProducts {
        RowProduct create(Workers workers, Workspace workspace);
    }

    /** Makes it ready for a call with these kernels and panels of so many tokens. */
    VectorSession begin(Kernels with, int tokensOfPanel) {
        kernels = with;
        lanes = tokensOfPanel;
        return this;
    }

    private Panels create(int tokens, int features) {
        return workspace.take(tokens, features, lanes);
    }

    @Override
    public Activation embed(EmbeddingTables tables, EmbeddingInput input) {
        Panels y = create(input.tokens(), tables.features());
        lookup.run(tables, input, y);
        return y;
    }

    @Override
    public Activation layerNorm(Activation x, NormWeights weights) {
        Panels y = create(x.tokens(), x.features());
        norm.run(kernels, (Panels) x, y, weights);
        return y;
    }

    @Override
    public Activation linear(Activation x, LinearWeights linear, ActivationFunction f) {
        Panels y = create(x.tokens(), linear.out());
        product.run(kernels, (Panels) x, linear, y, f, null);
        return y;
    }

    @Override
    public Activation[] linear(Activation x, LinearWeights[] weights) {
        if (!RowProduct.areAlike(weights)) {
            return Session.super.linear(x, weights);
        }
        if (several.length != weights.length) {
            several = new Panels[weights.length];
        }
        for (int i = 0; i < weights.length; i++) {
            several[i] = create(x.tokens(), weights[i].out());
        }
        product.run(kernels, (Panels) x, weights, several);
        return several;
    }

    @Override
    public Activation linearAddNorm(Activation x, LinearWeights linear, Activation residual, NormWeights weights) {
        Panels y = create(x.tokens(), linear.out());
        linearAddNorm((Panels) x, linear, (Panels) residual, weights, y);
        return y;
    }

    private void linearAddNorm(Panels x, LinearWeights linear, Panels residual, NormWeights weights, Panels y) {
        product.run(kernels, x, linear, y, null, residual);
        norm.run(kernels, y, y, weights);
    }

    @Override
    public Activation feedForward(Activation x, LinearWeights intermediate, ActivationFunction f, LinearWeights output,
            NormWeights weights) {
        Panels in = (Panels) x;
        Panels y = create(x.tokens(), output.out());
        int chunks = Math.max(Math.ceilDiv(x.tokens(), chunkTokens), 1);
        int panelsEach = Math.ceilDiv(in.count(), chunks);
        for (int panel = 0; panel < in.count(); panel += panelsEach) {
            Panels part = chunk.show(in, panel, panelsEach);
            try (Activation inner = linear(part, intermediate, f)) {
                linearAddNorm((Panels) inner, output, part, weights, chunkOfOutput.show(y, panel, panelsEach));
            }
        }
        return y;
    }

    @Override
    public Activation attention(Activation q, Activation k, Activation v, AttentionSpec spec, float[] probabilities) {
        return attention(q, keysOfCall.set((Panels) k, (Panels) v, spec.keyStarts()), spec, probabilities);
    }

    @Override
    public Activation attention(Activation q, List<KeyValues> kept, AttentionSpec spec, float[] probabilities) {
        return attention(q, new KeyPanels.Kept(kept), spec, probabilities);
    }

    private Panels attention(Activation q, KeyPanels kv, AttentionSpec spec, float[] probabilities) {
        Panels y = create(q.tokens(), q.features());
        attention.run(kernels, spec, (Panels) q, kv, y, probabilities, product.wasOfHalves());
        return y;
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
        for (int i = 0; i < tokens.length; i++) {
            int from = in.at(Objects.checkIndex(tokens[i], x.tokens()));
            int to = y.at(i);
            for (int f = 0; f < x.features(); f++) {
                y.values()[to + f * lanes] = in.values()[from + f * lanes];
            }
        }
        return y;
    }

    @Override
    public Activation upload(float[] rows, int tokens, int features) {
        Panels y = create(tokens, features);
        float[] values = y.values();
        for (int token = 0; token < tokens; token++) {
            int to = y.at(token);
            for (int f = 0; f < features; f++) {
                values[to + f * lanes] = rows[token * features + f];
            }
        }
        return y;
    }

    @Override
    public float[] download(Activation x) {
        Panels in = (Panels) x;
        float[] values = in.values();
        int features = x.features();
        float[] rows = new float[Math.multiplyExact(x.tokens(), features)];
        // Panel by panel and feature by feature: each line of the panel is read once, for all its tokens.
        for (int first = 0; first < x.tokens(); first += lanes) {
            int count = Math.min(lanes, x.tokens() - first);
            int from = in.at(first);
            for (int f = 0; f < features; f++) {
                for (int lane = 0; lane < count; lane++) {
                    rows[(first + lane) * features + f] = values[from + f * lanes + lane];
                }
            }
        }
        return rows;
    }

    @Override
    public void close() {
        backend.release(this);
    }
}
