package dev.bert4j.backend.vector;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.cpu.Floats;

/** An activation after a matrix product, on rows of a token panel, in place. */
interface ActivationKernel {

    /**
     * {@code y = f(y + bias)}.
     *
     * @param y holds the rows; those of a panel lie {@code step} apart, the first at {@code at}
     * @param vectors how many vectors of each row to compute
     * @param bias holds a value for each row from {@code biasAt} on; null adds nothing
     * @param f one of the functions that {@link Kernels#activation} gives this kernel for
     */
    void activate(Floats y, int at, int step, int rows, int vectors, Floats bias, int biasAt, ActivationFunction f);
}
