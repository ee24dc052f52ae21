package dev.bert4j.backend.vector;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.InvocationTargetException;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Makes a kernel class once for each vector width.
 *
 * <p>The JIT turns vector operations into machine instructions only where the species is a constant to it. A static
 * final field is, so one class can serve one width. To serve 128, 256 and 512 bits side by side from one source, the
 * class file is defined again as a hidden class for each width, with the species as its class data.
 *
 * <p>That is not enough for calls on vectors. When C2 parses one, it does not know yet of which class the vector is
 * that {@code fromArray} has returned, and decides by the profile of the library's own methods, which the whole JVM
 * shares. Where vectors of two widths meet, panels of eight tokens and of sixteen are enough, it compiles the call for
 * both; as a rule one of them vanishes later, but in some JVMs it stays, every result is an object, and the kernel runs
 * at a twentieth of its speed for good. So kernels cast what they call methods on: {@code VECTOR.cast(...)}, with the
 * class of the species' vectors in a static final field, tells C2 the class at once and costs nothing. It is needed for
 * what comes from an array, a scalar or another type of vector, and for a variable that a loop changes; what arithmetic
 * returns has the class of the vector that it was called on.
 */
final class Width {
    private Width() {
    }

    /** The species of {@code bits} bits: 128, 256 or 512. */
    static VectorSpecies<Float> species(int bits) {
        return VectorSpecies.of(float.class, VectorShape.forBitSize(bits));
    }

    /**
     * What a copy of a kernel class is for.
     *
     * @param species the vectors
     * @param step lanes from one feature of a panel to the next; 0 where the kernel is told with each call
     * @param rowStep values from one row of weights to the next; 0 where the kernel is told with each call
     */
    private record Shape(VectorSpecies<Float> species, int step, int rowStep) {
    }

    /** What a kernel class sets its static final species from. */
    static VectorSpecies<Float> of(MethodHandles.Lookup kernel) {
        return shape(kernel).species;
    }

    /** What a kernel class sets its static final step from. */
    static int step(MethodHandles.Lookup kernel) {
        return shape(kernel).step;
    }

    /** What a kernel class sets its static final step of rows from. */
    static int rowStep(MethodHandles.Lookup kernel) {
        return shape(kernel).rowStep;
    }

    private static Shape shape(MethodHandles.Lookup kernel) {
        try {
            Shape shape = MethodHandles.classData(kernel, "_", Shape.class);
            // The template itself, when somebody names it, is an ordinary class without data.
            return shape != null ? shape
                    : new Shape(FloatVector.SPECIES_PREFERRED, FloatVector.SPECIES_PREFERRED.length(), 0);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    /** An instance of a copy of {@code template} whose species has {@code bits} bits. */
    static <T> T define(Class<? extends T> template, Class<T> type, int bits) {
        return define(template, type, bits, 0, 0);
    }

    /** The same for panels of {@code step} lanes. */
    static <T> T define(Class<? extends T> template, Class<T> type, int bits, int step) {
        return define(template, type, bits, step, 0);
    }

    /** The same for panels of {@code step} lanes and, unless it is 0, rows that lie {@code rowStep} values apart. */
    static <T> T define(Class<? extends T> template, Class<T> type, int bits, int step, int rowStep) {
        String file = template.getSimpleName() + ".class";
        try (InputStream in = template.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("The class file " + file + " is not beside its package; kernels are"
                        + " defined from it once for each vector width.");
            }
            MethodHandles.Lookup hidden = MethodHandles.lookup().defineHiddenClassWithClassData(in.readAllBytes(),
                    new Shape(species(bits), step, rowStep), true);
            return type.cast(hidden.lookupClass().getDeclaredConstructor().newInstance());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (IllegalAccessException | InstantiationException | NoSuchMethodException
                | InvocationTargetException e) {
            throw new AssertionError(e);
        }
    }
}
