package dev.bert4j.bench;

/** A forward pass in this JVM. */
interface LocalCall extends Call {
    /** Runs it; what comes back is only there to be kept from the JIT. */
    Object run();

    @Override
    default Samples take(int uncounted, int atLeast, long nanos) {
        for (int i = 0; i < uncounted; i++) {
            run();
        }
        Samples samples = new Samples();
        long begin = System.nanoTime();
        long now = begin;
        while (now - begin < nanos || samples.count() < atLeast) {
            long start = now;
            run();
            now = System.nanoTime();
            samples.add(now - start);
        }
        return samples;
    }

    @Override
    default void close() {
    }
}
