package dev.bert4j.backend.opencl;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.reference.NormalPieces;
import dev.bert4j.backend.reference.ScalarLogistic;
import dev.bert4j.backend.reference.ScalarMath;
import dev.bert4j.backend.reference.ScalarNormal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;

/** The texts of the kernels. */
final class KernelSources {
    /** The kernels of the tokens: embed, gather, layer_norm. */
    static final String TOKENS = "tokens.cl";
    /** The matrix product. */
    static final String GEMM = "gemm.cl";
    /** The matrix product of tensor cores. */
    static final String TENSOR = "tensor.cl";
    /** Attention. */
    static final String ATTENTION = "attention.cl";

    private static final String FUNCTIONS = "functions.cl";
    private static final String FINISH = "finish.cl";
    private static final String MMA = "mma.cl";
    private static final Map<String, String> TEXTS = new ConcurrentHashMap<>();

    private KernelSources() {
    }

    /** A file of kernels, with the functions and their constants before it where it uses them. */
    static String of(String file) {
        return TEXTS.computeIfAbsent(file, name -> switch (name) {
            case TOKENS -> read(name);
            case GEMM -> constants() + read(FUNCTIONS) + read(FINISH) + read(name);
            case TENSOR -> constants() + read(FUNCTIONS) + read(FINISH) + read(MMA) + read(name);
            default -> constants() + read(FUNCTIONS) + read(name);
        });
    }

    private static String read(String name) {
        try (InputStream in = KernelSources.class.getResourceAsStream("/native/opencl/" + name)) {
            if (in == null) {
                throw new IllegalStateException("The kernels native/opencl/" + name + " are missing in the jar.");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The constants of the scalar code, to the last bit. */
    private static String constants() {
        StringBuilder defines = new StringBuilder();
        for (Class<?> type : List.of(ScalarMath.class, NormalPieces.class, ScalarNormal.class, ScalarLogistic.class)) {
            for (Field field : type.getFields()) {
                if (Modifier.isStatic(field.getModifiers()) && field.getType().isPrimitive()) {
                    defines.append("#define ").append(field.getName()).append(' ').append(literal(field)).append('\n');
                }
            }
        }
        StringJoiner pieces = new StringJoiner(", ", "__constant float NORMAL_PIECES[] = {", "};\n");
        for (float value : NormalPieces.table()) {
            pieces.add(literal(value));
        }
        return defines.append(pieces).toString();
    }

    private static String literal(float value) {
        return "(" + Float.toHexString(value) + "f)";
    }

    private static String literal(Field field) {
        try {
            return field.getType() == float.class ? literal(field.getFloat(null)) : "(" + field.get(null) + ")";
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    /** The name of a function in functions.cl. */
    static String nameOf(ActivationFunction f) {
        return switch (f) {
            case LINEAR -> "f_linear";
            case GELU -> "f_gelu";
            case GELU_10 -> "f_gelu_10";
            case GELU_NEW, GELU_ACCURATE, GELU_PYTORCH_TANH, GELU_FAST -> "f_tanh_gelu";
            case QUICK_GELU -> "f_quick_gelu";
            case RELU -> "f_relu";
            case RELU2 -> "f_relu2";
            case RELU6 -> "f_relu6";
            case SILU -> "f_silu";
            case MISH -> "f_mish";
            case TANH -> "f_tanh";
            case SIGMOID -> "f_sigmoid";
            case LAPLACE -> "f_laplace";
        };
    }
}
