package dev.bert4j.backend.vector;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link Functions} as a kernel like those of the backend, so that the JIT compiles the functions as it does there. */
final class FunctionsKernel implements Functions {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());

    FunctionsKernel() {
    }

    @Override
    public void exp(float[] values) {
        for (int i = 0; i < values.length; i += S.length()) {
            VectorMath.exp(FloatVector.fromArray(S, values, i)).intoArray(values, i);
        }
    }

    @Override
    public void tanh(float[] values) {
        for (int i = 0; i < values.length; i += S.length()) {
            VectorMath.tanh(FloatVector.fromArray(S, values, i)).intoArray(values, i);
        }
    }

    @Override
    public void gelu(float[] values) {
        for (int i = 0; i < values.length; i += S.length()) {
            VectorMath.gelu(FloatVector.fromArray(S, values, i)).intoArray(values, i);
        }
    }
}
