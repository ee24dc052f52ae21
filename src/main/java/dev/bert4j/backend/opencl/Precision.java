package dev.bert4j.backend.opencl;

import java.util.Locale;

/** What the products of weights are computed in; all else is fp32. */
enum Precision {
    /** fp32, with the bits of the definition. */
    FP32(24, 0, ""),
    /** Operands rounded to bf16. */
    BF16(8, 16, " -DBF16 -DPLANES=1 -DWORDS=16"),
    /** Operands rounded to tf32. */
    TF32(11, 16, " -DPLANES=1 -DWORDS=16"),
    /** Operands as sums of two tf32, and three products of these. */
    TF32X3(22, 8, " -DPLANES=2 -DWORDS=8");

    /** What fp32 rounds by. */
    private static final double UNIT = 0x1p-24;
    /** In units: what a split leaves out (8), and how often its three steps of eight products may cut something off. */
    private static final int SPLIT = 96;

    private final int bits;
    private final int words;
    private final String macros;

    Precision(int bits, int words, String macros) {
        this.bits = bits;
        this.words = words;
        this.macros = macros;
    }

    /** The precision that a user calls so; null is fp32. */
    static Precision named(String name) {
        return name == null ? FP32 : valueOf(name.toUpperCase(Locale.ROOT));
    }

    /** What chooses it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What follows the name of a backend. */
    String suffix() {
        return this == FP32 ? "" : ":" + this;
    }

    /** Macros of tensor.cl. */
    String macros() {
        return macros;
    }

    /** Words of a row that are in local memory at a time, for each of its planes. */
    int localWords() {
        return this == TF32X3 ? 2 * words : words;
    }

    /**
     * How far a sum {@code Σ x·w} may be from the true one, as a part of {@code Σ |x·w|}.
     *
     * <p>Two operands rounded to p bits err by 2<sup>-p</sup> each. Tensor cores multiply exactly and add four products
     * or more to a running sum at a time, cutting off what lies more than 23 bits below the largest of them: no more
     * often than one and a half times for each product.
     *
     * <p>With {@link #TF32X3} x is a + b + r, with |b| ≤ 2<sup>-11</sup>|x| and |r| ≤ 2<sup>-23</sup>|x|; the left out
     * products b·b' and r·x' are no more than eight units. In each step of eight products the tensor cores cut off no
     * more than some eighty, and the steps are added as fp32 adds, one rounding each. The chain of fp32 rounds with
     * every product: from a depth of some 110 on its bound is the worse one.
     */
    double error(int depth) {
        double rounding = Math.scalb(1.0, -bits);
        return switch (this) {
            case FP32 -> depth * UNIT;
            case BF16, TF32 -> 2 * rounding + rounding * rounding + 3 * depth * UNIT;
            case TF32X3 -> (SPLIT + Math.ceilDiv(depth, words)) * UNIT;
        };
    }
}
