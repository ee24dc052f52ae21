package dev.bert4j.backend.reference;

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
import dev.bert4j.backend.cpu.CpuKeyValues;
import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Workers;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** The operations in plain loops. */
final class ReferenceSession implements Session {
    /** How many interleaved chains a sum over features has. Part of the definition of the result. */
    private static final int CHAINS = 16;

    private final Workers workers;

    ReferenceSession(Workers workers) {
        this.workers = workers;
    }

    /** Elements {@code [from, from + count)} of a parameter. */
    private static float[] floats(Parameter parameter, long from, int count) {
        float[] values = new float[count];
        ((CpuParameter) parameter).copyTo(from, MemorySegment.ofArray(values), 0, count);
        return values;
    }

    @Override
    public Activation embed(EmbeddingTables tables, EmbeddingInput input) {
        int features = tables.features();
        Matrix y = new Matrix(input.tokens(), features);
        for (int token = 0; token < input.tokens(); token++) {
            float[] word = input.wordIds() != null
                    ? floats(tables.word(), (long) input.wordIds()[token] * features, features)
                    : Arrays.copyOfRange(input.wordVectors(), token * features, (token + 1) * features);
            float[] type = floats(tables.type(), (long) input.typeIds()[token] * features, features);
            float[] position = tables.position() == null ? null
                    : floats(tables.position(), (long) input.positionIds()[token] * features, features);
            for (int f = 0; f < features; f++) {
                float sum = word[f] + type[f];
                y.set(f, token, position == null ? sum : sum + position[f]);
            }
        }
        return y;
    }

    @Override
    public Activation layerNorm(Activation x, NormWeights norm) {
        Matrix in = (Matrix) x;
        Matrix y = new Matrix(x.tokens(), x.features());
        float[] weight = floats(norm.weight(), 0, x.features());
        float[] bias = floats(norm.bias(), 0, x.features());
        for (int token = 0; token < x.tokens(); token++) {
            float[] chains = new float[CHAINS];
            for (int f = 0; f < x.features(); f++) {
                chains[f % CHAINS] += in.get(f, token);
            }
            float mean = combine(chains) / x.features();
            chains = new float[CHAINS];
            for (int f = 0; f < x.features(); f++) {
                float distance = in.get(f, token) - mean;
                chains[f % CHAINS] = Math.fma(distance, distance, chains[f % CHAINS]);
            }
            float variance = combine(chains) / x.features();
            float inverse = 1 / (float) Math.sqrt(variance + norm.eps());
            for (int f = 0; f < x.features(); f++) {
                y.set(f, token, Math.fma((in.get(f, token) - mean) * inverse, weight[f], bias[f]));
            }
        }
        return y;
    }

    /** Adds the chains up in the fixed tree: i and i + 8, then i and i + 4, and so on. */
    private static float combine(float[] chains) {
        for (int half = CHAINS / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                chains[i] += chains[i + half];
            }
        }
        return chains[0];
    }

    @Override
    public Activation linear(Activation x, LinearWeights linear, ActivationFunction f) {
        Matrix y = product((Matrix) x, linear);
        float[] values = y.values();
        for (int i = 0; i < values.length; i++) {
            values[i] = ScalarActivation.apply(f, values[i]);
        }
        return y;
    }

    @Override
    public Activation linearAddNorm(Activation x, LinearWeights linear, Activation residual, NormWeights norm) {
        Matrix y = product((Matrix) x, linear);
        float[] values = y.values();
        for (int i = 0; i < values.length; i++) {
            values[i] += ((Matrix) residual).values()[i];
        }
        return layerNorm(y, norm);
    }

    /** {@code x·Wᵀ + b}: for every output a chain of fused multiply-adds over ascending k, and then the bias. */
    private Matrix product(Matrix x, LinearWeights linear) {
        Matrix y = new Matrix(x.tokens(), linear.out());
        float[] bias = linear.bias() == null ? new float[linear.out()] : floats(linear.bias(), 0, linear.out());
        workers.run(linear.out(), (n, worker) -> {
            float[] sums = new float[x.tokens()];
            multiply(floats(linear.weight(), (long) n * linear.in(), linear.in()), x.values(), sums);
            for (int token = 0; token < sums.length; token++) {
                y.set(n, token, sums[token] + bias[n]);
            }
        });
        return y;
    }

    /**
     * Adds one row of a product to {@code sums}. The loop over tokens is one that the JIT makes vector code of, and
     * four k a turn spare it most of the loads and stores; every sum is still one chain with k ascending.
     */
    private static void multiply(float[] w, float[] x, float[] sums) {
        int tokens = sums.length;
        int k = 0;
        for (; k + 4 <= w.length; k += 4) {
            float w0 = w[k];
            float w1 = w[k + 1];
            float w2 = w[k + 2];
            float w3 = w[k + 3];
            int x0 = k * tokens;
            int x1 = x0 + tokens;
            int x2 = x1 + tokens;
            int x3 = x2 + tokens;
            for (int t = 0; t < tokens; t++) {
                float sum = Math.fma(w0, x[x0 + t], sums[t]);
                sum = Math.fma(w1, x[x1 + t], sum);
                sum = Math.fma(w2, x[x2 + t], sum);
                sums[t] = Math.fma(w3, x[x3 + t], sum);
            }
        }
        for (; k < w.length; k++) {
            for (int t = 0; t < tokens; t++) {
                sums[t] = Math.fma(w[k], x[k * tokens + t], sums[t]);
            }
        }
    }

    @Override
    public Activation attention(Activation q, Activation k, Activation v, AttentionSpec spec, float[] probabilities) {
        return attention(q, ReferenceKeys.of((Matrix) k, (Matrix) v, spec.keyStarts()), spec, probabilities);
    }

    @Override
    public Activation attention(Activation q, List<KeyValues> kept, AttentionSpec spec, float[] probabilities) {
        return attention(q, ReferenceKeys.of(kept), spec, probabilities);
    }

    private Matrix attention(Activation q, ReferenceAttention.Keys kv, AttentionSpec spec, float[] probabilities) {
        Matrix y = new Matrix(q.tokens(), q.features());
        ReferenceAttention attention = new ReferenceAttention(spec, (Matrix) q, kv, y, probabilities);
        workers.run(spec.texts() * spec.heads(), (task, worker) -> attention.run(task / spec.heads(),
                task % spec.heads()));
        return y;
    }

    @Override
    public List<KeyValues> append(List<KeyValues> past, Activation k, Activation v, int[] starts) {
        return CpuKeyValues.append(past, k.features(), starts, (token, count, keys, values, lane) -> {
            copy((Matrix) k, token, count, keys, lane);
            copy((Matrix) v, token, count, values, lane);
        });
    }

    private static void copy(Matrix x, int token, int count, float[] chunk, int lane) {
        for (int f = 0; f < x.features(); f++) {
            System.arraycopy(x.values(), f * x.tokens() + token, chunk, f * CpuKeyValues.LANES + lane, count);
        }
    }

    @Override
    public Activation gather(Activation x, int[] tokens) {
        Matrix y = new Matrix(tokens.length, x.features());
        for (int f = 0; f < x.features(); f++) {
            for (int i = 0; i < tokens.length; i++) {
                y.set(f, i, ((Matrix) x).get(f, tokens[i]));
            }
        }
        return y;
    }

    @Override
    public Activation upload(float[] rows, int tokens, int features) {
        Matrix y = new Matrix(tokens, features);
        for (int token = 0; token < tokens; token++) {
            for (int f = 0; f < features; f++) {
                y.set(f, token, rows[token * features + f]);
            }
        }
        return y;
    }

    @Override
    public float[] download(Activation x) {
        float[] rows = new float[Math.multiplyExact(x.tokens(), x.features())];
        for (int token = 0; token < x.tokens(); token++) {
            for (int f = 0; f < x.features(); f++) {
                rows[token * x.features() + f] = ((Matrix) x).get(f, token);
            }
        }
        return rows;
    }

    @Override
    public void close() {
        // Nothing is kept.
    }
}
