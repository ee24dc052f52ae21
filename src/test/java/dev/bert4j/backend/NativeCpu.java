package dev.bert4j.backend;

import dev.bert4j.backend.nativecpu.NativeKernels;
import org.junit.jupiter.api.Assumptions;

/** The C kernels for tests: there where the build found a C compiler. */
public final class NativeCpu {
    private NativeCpu() {
    }

    private static String refusal() {
        try {
            NativeKernels.get();
            return null;
        } catch (IllegalStateException e) {
            return e.getMessage();
        }
    }

    /** Whether they can be used. */
    public static boolean any() {
        return refusal() == null;
    }

    /** Skips a test where they cannot; on CI they must be there. */
    public static void require() {
        if (System.getenv("CI") == null) {
            Assumptions.assumeTrue(any(), NativeCpu::refusal);
        } else if (!any()) {
            throw new AssertionError("CI must have the C kernels; .ci/run installs a compiler. " + refusal());
        }
    }
}
