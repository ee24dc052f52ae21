package dev.bert4j.backend;

/**
 * A device beside the CPU that a model can run on, or why it cannot.
 *
 * @param name what chooses it, {@code opencl:0}
 * @param model what its maker calls it
 * @param driver platform, version and driver
 * @param gpu whether it is a GPU; others are only taken where they are named
 * @param memory bytes of its memory
 * @param computeUnits its compute units
 * @param refusal why it cannot be used, or null
 * @param note what is particular about its results, or null
 */
public record Device(String name, String model, String driver, boolean gpu, long memory, int computeUnits,
        String refusal, String note) {
}
