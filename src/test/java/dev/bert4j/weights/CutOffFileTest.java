package dev.bert4j.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.bert4j.ChildJvm;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that gets shorter while it is mapped: reading it is an exception with a sentence, and no crash. */
class CutOffFileTest {
    private static final int COUNT = 1 << 18;

    @TempDir
    Path folder;

    @Test
    void readingIsAnExceptionInInterpretedAndInCompiledCode() throws Exception {
        assumeFalse(System.getProperty("os.name").startsWith("Windows"), "Windows lets nobody shorten a mapped file");
        byte[] data = new byte[4 * COUNT];
        new SafetensorsWriter().add("f32", "F32", List.of((long) COUNT), data)
                .add("f16", "F16", List.of(2L * COUNT), data).add("bf16", "BF16", List.of(2L * COUNT), data)
                .add("f64", "F64", List.of(COUNT / 2L), data).write(folder.resolve("model.safetensors"));
        // A JVM of its own: if the promise does not hold, the process ends.
        ChildJvm.Result child = ChildJvm.run(List.of(), Map.of(), Child.class, folder.toString());
        assertEquals(0, child.exit(), child.output());
        String sentence = "weights could not be read: a file was cut off or failed while open, of ["
                + folder.resolve("model.safetensors") + "]; restore it and open the model again, and replace model "
                + "files by renaming, never in place";
        assertEquals(List.of("cold " + sentence, "f32 " + sentence, "f16 " + sentence, "bf16 " + sentence,
                "f64 " + sentence), child.output().lines().toList());
    }

    /** Reads until the code is compiled, cuts the file off, and reads again. */
    static final class Child {
        private Child() {
        }

        public static void main(String[] args) throws Exception {
            Path folder = Path.of(args[0]);
            MemorySegment target = MemorySegment.ofArray(new float[2 * COUNT]);
            try (Checkpoint checkpoint = Checkpoint.open(folder)) {
                for (int warm = 0; warm < 40; warm++) {
                    for (WeightTensor tensor : checkpoint.tensors().values()) {
                        read(tensor, target);
                    }
                }
                try (FileChannel channel =
                        FileChannel.open(folder.resolve("model.safetensors"), StandardOpenOption.WRITE)) {
                    channel.truncate(5000);
                }
                explain(checkpoint, "cold", () -> checkpoint.get("f32").toFloatArray());
                for (String name : List.of("f32", "f16", "bf16", "f64")) {
                    explain(checkpoint, name, () -> read(checkpoint.get(name), target));
                }
            }
        }

        private static void read(WeightTensor tensor, MemorySegment target) {
            tensor.copyTo(0, target, tensor.numElements());
            float sum = 0;
            for (long i = 0; i < tensor.numElements(); i++) {
                sum += tensor.get(i);
            }
            if (sum != 0) {
                throw new IllegalStateException("the file holds zeros");
            }
        }

        private static void explain(Checkpoint checkpoint, String what, Runnable reading) {
            try {
                reading.run();
                System.out.println(what + " was read");
            } catch (InternalError e) {
                System.out.println(what + " " + checkpoint.faulted(e).getMessage());
            }
        }
    }

    @Test
    void otherErrorsPassThrough() throws Exception {
        Path file = new SafetensorsWriter().addFloats("a", 1).write(folder.resolve("a.safetensors"));
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            for (InternalError other : List.of(new InternalError(), new InternalError("something else"))) {
                assertSame(other, assertThrows(InternalError.class, () -> checkpoint.faulted(other)));
            }
        }
    }
}
