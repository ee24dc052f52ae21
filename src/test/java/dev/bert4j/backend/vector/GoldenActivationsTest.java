package dev.bert4j.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.Golden;
import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.cpu.Floats;
import dev.bert4j.backend.reference.ScalarActivation;
import dev.bert4j.weights.Checkpoint;
import dev.bert4j.weights.WeightTensor;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Every activation alone, over the reference's table of values, on the scalar reference and at every width. */
class GoldenActivationsTest {
    private static final ValueLayout.OfDouble F64 =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @Test
    void table() throws Exception {
        try (Checkpoint file = Checkpoint.open(Golden.folder().resolve("models/activations/table.safetensors"))) {
            float[] x = file.get("in.x").toFloatArray();
            int functions = 0;
            for (ActivationFunction f : ActivationFunction.values()) {
                float[] scalar = new float[x.length];
                for (int i = 0; i < x.length; i++) {
                    scalar[i] = ScalarActivation.apply(f, x[i]);
                }
                for (String key : f.keys()) {
                    compare(key, x, file.get("out.fp64." + key), scalar);
                    functions++;
                }
                for (int i = 0; i < x.length; i++) {
                    // The kernels add a bias first; +0 takes the sign off −0.
                    scalar[i] = ScalarActivation.apply(f, x[i] + 0f);
                }
                for (int bits : Widths.BITS) {
                    Widths.assertSameBits(scalar, vector(bits, f, x), f + " at " + bits + " bits");
                }
            }
            long there = file.tensors().keySet().stream().filter(name -> name.startsWith("out.fp64.")).count();
            assertEquals(there, functions, "functions compared, of those in the table");
        }
    }

    /** Within 2 ulp; the formulas in float64 lose a little themselves where they add 1 to nearly −1. */
    private static void compare(String key, float[] x, WeightTensor expected, float[] actual) {
        for (int i = 0; i < x.length; i++) {
            double want = expected.data().getAtIndex(F64, i);
            double lost = Math.ulp((double) x[i]) + 0x1p-52;
            double bound = 2 * Math.ulp((float) want) + lost;
            String what = key + " of " + x[i] + " is " + actual[i] + " instead of " + want;
            assertTrue((float) want == actual[i] || Math.abs(actual[i] - want) <= bound, what);
            if (want == 0) {
                assertTrue(Math.copySign(1, want) == Math.copySign(1, actual[i]), "sign: " + what);
            }
        }
    }

    private static float[] vector(int bits, ActivationFunction f, float[] x) {
        int lanes = bits / Float.SIZE;
        float[] y = Arrays.copyOf(x, Math.ceilDiv(x.length, lanes) * lanes);
        Kernels.of(bits).activation(f).activate(new Floats(y), 0, lanes, y.length / lanes, 1, null, 0, f);
        return Arrays.copyOf(y, x.length);
    }
}
