package dev.bert4j.backend.vector;

import static org.junit.jupiter.api.Assertions.fail;

import dev.bert4j.backend.Backend;
import dev.bert4j.backend.NativeCpu;
import dev.bert4j.backend.OpenClDevices;
import dev.bert4j.backend.Session;
import dev.bert4j.backend.nativecpu.NativeKernels;
import dev.bert4j.backend.reference.ReferenceBackend;
import dev.bert4j.backend.vector.NativeRows.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Runs operations on the reference, on vector backends of every width and several threads, and on the C kernels and an
 * OpenCL device where there are such; compares the bits.
 */
final class Widths implements AutoCloseable {
    static final List<Integer> BITS = List.of(128, 256, 512);

    private final Backend reference = new ReferenceBackend(1);
    private final List<Backend> others = new ArrayList<>();

    /** Each width on each of these numbers of threads. */
    Widths(int... threads) {
        for (int bits : BITS) {
            for (int count : threads) {
                others.add(new VectorBackend(count, bits));
            }
        }
        if (NativeCpu.any()) {
            for (int bits : new int[] {256, 512}) {
                for (int count : threads) {
                    others.add(VectorBackend.withNativeKernels(count, bits, Precision.EXACT, NativeKernels.get()));
                }
            }
        }
        OpenClDevices.exact().ifPresent(others::add);
    }

    /** How many backends compute, the reference among them. */
    int backends() {
        return 1 + others.size();
    }

    Backend reference() {
        return reference;
    }

    /**
     * Demands equal bits of all, and returns them.
     *
     * @param tokens what sessions are opened for
     */
    float[] compare(String what, int tokens, BiFunction<Backend, Session, float[]> operation) {
        float[] expected;
        try (Session session = reference.open(tokens)) {
            expected = operation.apply(reference, session);
        }
        for (Backend backend : others) {
            try (Session session = backend.open(tokens)) {
                assertSameBits(expected, operation.apply(backend, session), what + " on " + backend.description());
            }
        }
        return expected;
    }

    /** Equality of all bits, zeros of both signs being different; only NaNs are all one. */
    static void assertSameBits(float[] expected, float[] actual, String what) {
        if (expected.length != actual.length) {
            fail(what + ": " + actual.length + " values instead of " + expected.length);
        }
        for (int i = 0; i < expected.length; i++) {
            if (Float.floatToIntBits(expected[i]) != Float.floatToIntBits(actual[i])) {
                fail(what + ": [" + i + "] of " + expected.length + " is " + actual[i] + " instead of " + expected[i]);
            }
        }
    }

    @Override
    public void close() {
        reference.close();
        others.forEach(Backend::close);
    }
}
