package dev.bert4j.backend.vector;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.weights.WeightTensor;

/**
 * Multiplies rows of weights with token panels, for a {@link PanelProduct}, which shares the rows out and does what
 * follows. One product at a time, of one weight or of several that are {@linkplain #areAlike alike}; its workers each
 * with rows of their own.
 */
interface RowProduct {
    /** Begins the products {@code y = x·Wᵀ}; called by one thread, before the rows. */
    void begin(Kernels kernels, Panels x, LinearWeights[] linears, Panels[] ys);

    /**
     * Whether weights have one shape and are stored as one type, and what they multiply is scaled alike, so that they
     * may be multiplied together.
     */
    static boolean areAlike(LinearWeights[] linears) {
        WeightTensor first = ((CpuParameter) linears[0].weight()).tensor();
        for (LinearWeights linear : linears) {
            WeightTensor weight = ((CpuParameter) linear.weight()).tensor();
            if (linear.in() != linears[0].in() || linear.out() != linears[0].out() || weight.dtype() != first.dtype()
                    || weight.scales() == null != (first.scales() == null) || !haveOneInput(weight, first)) {
                return false;
            }
        }
        return true;
    }

    private static boolean haveOneInput(WeightTensor one, WeightTensor other) {
        return one.columnScales() == other.columnScales() || one.columnScales() != null
                && other.columnScales() != null
                && one.columnScales().data().mismatch(other.columnScales().data()) < 0;
    }

    /** Bytes of a row of weights as it is multiplied. */
    int rowBytes();

    /** A multiple of the rows of every tile that the product uses; other numbers are slower. */
    int tileRows();

    /** Whether rows are multiplied as they lie in the file, so that it costs nothing to begin with them again. */
    boolean inPlace();

    /** Whether {@link #multiply} reads them from there, and each of them once. */
    default boolean readsOnce() {
        return inPlace();
    }

    /** These rows of a weight are what a worker multiplies next. */
    void rows(int weight, int row, int rows, int worker);

    /** What computes a function of the products that were begun. */
    default ActivationKernel activation(Kernels kernels, ActivationFunction f) {
        return kernels.activation(f);
    }

    /** Whether the products that were begun are in so few bits that attention to them may be in bf16. */
    default boolean isOfHalves() {
        return false;
    }

    /**
     * Multiplies them with a panel of which so many vectors are used.
     *
     * @param next the panel that they are multiplied with after this one, if it should be fetched meanwhile, or −1
     */
    void multiply(int weight, int panel, int next, int row, int rows, int vectors, int worker);
}
