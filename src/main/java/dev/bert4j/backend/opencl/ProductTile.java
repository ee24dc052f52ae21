package dev.bert4j.backend.opencl;

/** A kernel for products of weights, and how it cuts them. */
sealed interface ProductTile permits GemmTile, TensorTile {
    /** The file of the kernel. */
    String file();

    /** Its name. */
    String kernel();

    /** What it is built with. */
    String macros();

    /** Tokens of a work-group. */
    int bm();

    /** Outputs of a work-group. */
    int bn();

    /** Work-items of a group along the tokens. */
    int itemsM();

    /** Work-items of a group along the outputs. */
    int itemsN();

    /** Bytes that a work-group shares. */
    long localBytes();

    default boolean fits(OpenClDevice device) {
        return localBytes() <= device.localMemory() && (long) itemsM() * itemsN() <= device.largestGroup();
    }
}
