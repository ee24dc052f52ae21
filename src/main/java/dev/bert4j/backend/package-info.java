/**
 * What a model asks of the machine, who can answer, and, to the last bit, what the answer is.
 *
 * <p>A {@link dev.bert4j.backend.Backend} runs the few operations of a {@link dev.bert4j.backend.Session}. A batch is
 * the concatenation of its texts: an activation is {@code [tokens, features]}, and attention is told where each text
 * begins. All arithmetic is IEEE binary32, round to nearest; {@code fma} is the fused multiply-add. A value depends on
 * its own text only, never on the batch, the threads or the width of vectors, because every sum is defined as one fixed
 * chain or tree:
 *
 * <ul>
 * <li><b>Product</b> {@code y[n] = f(Σ_k W[n][k]·x[k] + b[n])}: a chain from +0 with k ascending, {@code s =
 * fma(W[n][k], x[k], s)}; then the bias is added, then the function applied or the residual added, each rounded.
 * Weights of another type are widened to binary32 first (F64 is rounded to nearest).
 * <li><b>Embeddings</b>: {@code (word + type) + position}.
 * <li><b>Layer normalisation</b>: a sum over features has sixteen chains, feature i in chain i mod 16, ascending, from
 * +0; they are added i to i + 8, then i to i + 4, i + 2, i + 1. {@code mean = sum / n}; the variance likewise from
 * {@code c = fma(x − mean, x − mean, c)}, divided by n; {@code r = 1 / √(variance + eps)}; {@code y = fma((x − mean)·r,
 * weight, bias)}. Division and square root are rounded exactly.
 * <li><b>Attention</b> of a query over the keys of its text, in blocks of 128 keys counted from the first: {@code score
 * = fma(Σ_d k[d]·q[d], 1/√d, mask)}, the sum a chain with d ascending and the mask 0 where there is none; relative
 * positions add their own chain {@code Σ_d E[l − r][d]·q[d]}, and then that with k for q, to the sum before. A running
 * maximum m starts as the lowest finite float and a running sum l as 0. For each block, m' is the maximum including its
 * scores, {@code c = exp(m − m')}, {@code p = exp(score − m')}, {@code l = fma(l, c, Σ p)} with keys ascending; the
 * context is multiplied by c (not in the first block) and gathers {@code fma(v, p, context)} with keys ascending. At
 * the end the context is multiplied by {@code (1 / l)·h}, h being the head's mask or 1. Probabilities, where they are
 * asked for, are {@code exp(score − m)·((1 / l)·h)} with the final m. Masked keys behind the last unmasked one of a
 * padded text are left out, and so are those behind a causal query, if the first key is not masked
 * ({@link dev.bert4j.backend.AttentionMask#visibleKeys}): their p would be exactly 0. Keys and values that are kept
 * from earlier calls are those of the one text again.
 * <li><b>Functions</b>: exp and the activations are those of the scalar reference, step for step; each is within 2 ulp.
 * </ul>
 *
 * <p>Variants that must be named compute products of weights otherwise: {@code nativecpu:int8},
 * {@code nativecpu:int8x2}, {@code nativecpu:bf16} and {@code nativecpu:bf16x3}, and, by the tensor cores of an NVIDIA
 * GPU, {@code opencl:bf16}, {@code opencl:tf32} and {@code opencl:tf32x3}. Their bits are others; but within each of
 * them, too, a value depends on its own text only.
 *
 * <p>Where there is AVX512-BF16, an encoder's attention behind products of {@code nativecpu:int8} and
 * {@code nativecpu:bf16} has q, k, v and p rounded to bf16 before they are multiplied, sums in an order of the
 * instruction's own, and an exponential within 1e-5 of itself. Attention of a decoder, with a mask for each query, with
 * relative positions or with heads of more than 128 features is the one above, and so are probabilities, where they are
 * asked for.
 *
 * <p>In {@code nativecpu:bf16x3} an operand is split into a + b, both bf16, within 2^-17 of it, and b·a', a·a' and
 * a·b' are added in fp32, so that the error is at most {@code (2^-15 + 3K·2^-24)·Σ|W[n][k]·x[k]|}.
 * {@code opencl:tf32x3} has the accuracy of fp32: an operand is split into a + b, both tf32, and of eight products at
 * a time the sum of b·a', a·b' and a·a' is added in fp32, so that the error is at most
 * {@code (96 + K/8)·2^-24·Σ|W[n][k]·x[k]|}, where that of the chain above is at most {@code K·2^-24·Σ|W[n][k]·x[k]|}.
 */
package dev.bert4j.backend;
