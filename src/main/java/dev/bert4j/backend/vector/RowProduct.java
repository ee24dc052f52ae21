package dev.bert4j.backend.vector;

import dev.bert4j.backend.LinearWeights;

/**
 * Multiplies rows of a weight with token panels, for a {@link PanelProduct}, which shares the rows out and does what
 * follows. One product at a time; its workers each with rows of their own.
 */
interface RowProduct {
    /** Begins a product {@code y = x·Wᵀ}; called by one thread, before the rows. */
    void begin(Kernels kernels, Panels x, LinearWeights linear, Panels y);

    /** Bytes of a row of weights as it is multiplied. */
    int rowBytes();

    /** A multiple of the rows of every tile that the product uses; other numbers are slower. */
    int tileRows();

    /** Whether rows are multiplied as they lie in the file, so that it costs nothing to begin with them again. */
    boolean inPlace();

    /** These rows are what a worker multiplies next. */
    void rows(int row, int rows, int worker);

    /** Multiplies them with a panel of which so many vectors are used. */
    void multiply(int panel, int row, int rows, int vectors, int worker);
}
