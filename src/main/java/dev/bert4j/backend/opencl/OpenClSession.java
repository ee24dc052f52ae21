package dev.bert4j.backend.opencl;

import static org.lwjgl.system.MemoryUtil.NULL;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.EmbeddingInput;
import dev.bert4j.backend.EmbeddingTables;
import dev.bert4j.backend.KeyValues;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.NormWeights;
import dev.bert4j.backend.Parameter;
import dev.bert4j.backend.Session;
import java.util.List;
import java.util.Objects;
import org.lwjgl.opencl.CL10;

/**
 * The operations as kernels in a queue of the session's own: they run one after the other, and the host waits only
 * where it brings values back.
 */
final class OpenClSession implements Session {
    /** Work-items of a group where each does one value. */
    private static final int GROUP = 64;
    /** Work-items a token, and tokens of a group, of layer_norm. */
    private static final int NORM_CHAINS = 16;
    private static final int NORM_TOKENS = 4;

    private final OpenClBackend backend;
    private final long queue;
    private final BufferPool pool;
    private final Kernels kernels;
    private final Transfers transfers;
    private final AttentionRunner attention;
    private final KeyValueRunner keyValues;

    OpenClSession(OpenClBackend backend, DeviceContext context, Programs programs, KeyValueStore kept) {
        this.backend = backend;
        queue = context.createQueue();
        pool = new BufferPool(context, backend::releaseIdle);
        kernels = new Kernels(context, programs);
        transfers = new Transfers(queue, pool);
        attention = new AttentionRunner(context.device(), queue, pool, kernels, transfers);
        keyValues = new KeyValueRunner(kept, queue, pool, kernels, transfers);
    }

    private static long bufferOf(Parameter parameter) {
        return parameter == null ? NULL : ((OpenClParameter) parameter).buffer();
    }

    private static long bufferOf(Activation x) {
        return ((DeviceMatrix) x).buffer();
    }

    private DeviceMatrix create(int tokens, int features) {
        return new DeviceMatrix(pool, tokens, features);
    }

    @Override
    public Activation embed(EmbeddingTables tables, EmbeddingInput input) {
        int tokens = input.tokens();
        int features = tables.features();
        int[] ids = new int[3 * tokens];
        boolean given = input.wordIds() == null;
        if (!given) {
            System.arraycopy(input.wordIds(), 0, ids, 0, tokens);
        }
        System.arraycopy(input.typeIds(), 0, ids, tokens, tokens);
        if (tables.position() != null) {
            System.arraycopy(input.positionIds(), 0, ids, 2 * tokens, tokens);
        }
        DeviceMatrix y = create(tokens, features);
        long idBuffer = transfers.up(ids);
        long word = given ? transfers.up(input.wordVectors()) : bufferOf(tables.word());
        kernels.get(KernelSources.TOKENS, "", "embed").buffer(word).buffer(bufferOf(tables.type()))
                .buffer(bufferOf(tables.position())).buffer(idBuffer).buffer(y.buffer())
                .ints(tokens, features, given ? 1 : 0, tables.position() == null ? 0 : 1)
                .run(queue, Math.ceilDiv(tokens * features, GROUP), GROUP, 1, 1);
        pool.give(idBuffer);
        if (given) {
            pool.give(word);
        }
        return y;
    }

    @Override
    public Activation layerNorm(Activation x, NormWeights norm) {
        DeviceMatrix y = create(x.tokens(), x.features());
        layerNorm(bufferOf(x), y, norm);
        return y;
    }

    private void layerNorm(long x, DeviceMatrix y, NormWeights norm) {
        kernels.get(KernelSources.TOKENS, "", "layer_norm").buffer(x).buffer(bufferOf(norm.weight()))
                .buffer(bufferOf(norm.bias())).buffer(y.buffer()).ints(y.tokens(), y.features()).number(norm.eps())
                .run(queue, Math.ceilDiv(y.tokens(), NORM_TOKENS), NORM_CHAINS, 1, NORM_TOKENS);
    }

    @Override
    public Activation linear(Activation x, LinearWeights linear, ActivationFunction f) {
        return product(x, linear, f, NULL);
    }

    @Override
    public Activation linearAddNorm(Activation x, LinearWeights linear, Activation residual, NormWeights norm) {
        DeviceMatrix y = product(x, linear, ActivationFunction.LINEAR, bufferOf(residual));
        layerNorm(y.buffer(), y, norm);
        return y;
    }

    private DeviceMatrix product(Activation x, LinearWeights linear, ActivationFunction f, long residual) {
        return product(backend.tile(x.tokens(), linear.out()), x, linear, f, residual);
    }

    /** A product that is cut so. */
    DeviceMatrix product(ProductTile tile, Activation x, LinearWeights linear, ActivationFunction f, long residual) {
        DeviceMatrix y = create(x.tokens(), linear.out());
        kernels.get(tile.file(), tile.macros() + " -DACTIVATION=" + KernelSources.nameOf(f), tile.kernel())
                .buffer(bufferOf(x)).buffer(bufferOf(linear.weight())).buffer(bufferOf(linear.bias())).buffer(residual)
                .buffer(y.buffer()).ints(x.tokens(), linear.out(), linear.in(), linear.bias() == null ? 0 : 1,
                        residual == NULL ? 0 : 1)
                .run(queue, Math.ceilDiv(linear.out(), tile.bn()), tile.itemsN(),
                        Math.ceilDiv(x.tokens(), tile.bm()), tile.itemsM());
        return y;
    }

    @Override
    public Activation attention(Activation q, Activation k, Activation v, AttentionSpec spec, float[] probabilities) {
        return attend(q, bufferOf(k), bufferOf(v), spec.keyStarts(), spec, probabilities);
    }

    /** Attention to keys and values of which those of a text begin at a row of its own. */
    private Activation attend(Activation q, long k, long v, int[] keyStarts, AttentionSpec spec,
            float[] probabilities) {
        DeviceMatrix y = create(q.tokens(), q.features());
        attention.run(bufferOf(q), k, v, y.buffer(), spec, keyStarts,
                spec.relative() == null ? NULL : bufferOf(spec.relative().table()), probabilities);
        return y;
    }

    @Override
    public List<KeyValues> append(List<KeyValues> past, Activation k, Activation v, int[] starts) {
        return keyValues.append(past, (DeviceMatrix) k, (DeviceMatrix) v, starts);
    }

    @Override
    public Activation attention(Activation q, List<KeyValues> kept, AttentionSpec spec, float[] probabilities) {
        KeyValueRunner.Joined joined = keyValues.join(kept, q.features());
        Activation y = attend(q, joined.keys(), joined.values(), joined.starts(), spec, probabilities);
        keyValues.give(joined);
        return y;
    }

    @Override
    public Activation gather(Activation x, int[] tokens) {
        for (int token : tokens) {
            Objects.checkIndex(token, x.tokens());
        }
        DeviceMatrix y = create(tokens.length, x.features());
        if (tokens.length > 0) {
            long rows = transfers.up(tokens);
            kernels.get(KernelSources.TOKENS, "", "gather").buffer(bufferOf(x)).buffer(rows).buffer(y.buffer())
                    .ints(tokens.length, x.features())
                    .run(queue, Math.ceilDiv(tokens.length * x.features(), GROUP), GROUP, 1, 1);
            pool.give(rows);
        }
        return y;
    }

    @Override
    public Activation upload(float[] rows, int tokens, int features) {
        DeviceMatrix y = create(tokens, features);
        transfers.write(y.buffer(), rows);
        return y;
    }

    @Override
    public float[] download(Activation x) {
        return transfers.down(bufferOf(x), new float[Math.multiplyExact(x.tokens(), x.features())]);
    }

    /** Whether a later call can have it: what a call took that failed half-way is lost with the session. */
    boolean isWhole() {
        return pool.isWhole();
    }

    /** Releases memory that no call uses. */
    void releaseFree() {
        pool.releaseFree();
    }

    /** Waits for what is still running, and releases all. */
    void release(DeviceContext context) {
        CL10.clFinish(queue);
        endCall();
        kernels.release();
        pool.release();
        context.releaseQueue(queue);
    }

    private void endCall() {
        attention.endCall();
        keyValues.endCall();
    }

    @Override
    public void close() {
        try {
            endCall();
        } finally {
            backend.giveBack(this);
        }
    }
}
