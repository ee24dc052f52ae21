package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bert4j.backend.Devices;
import dev.bert4j.backend.NativeCpu;
import dev.bert4j.backend.OpenClDevices;
import dev.bert4j.backend.nativecpu.NativeKernels;
import dev.bert4j.weights.CheckpointQuantizer;
import dev.bert4j.weights.DType;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A checkpoint that is cut off while a model runs on it, once the JIT has compiled its kernels: every call says so, and
 * the JVM lives.
 */
class CutOffModelTest {
    private static final int PAGE = 1 << 16;
    private static final int[] LENGTHS = {5, 40};
    private static final long WARM_NANOS = 4_000_000_000L;
    private static final Map<String, Object> CONFIG = Map.of("hidden_size", 192L, "num_attention_heads", 3L,
            "intermediate_size", 768L, "num_hidden_layers", 3L, "vocab_size", 3000L);

    @TempDir
    Path folder;

    @Test
    void everyCallIsAnExceptionWithASentence() throws Exception {
        assumeFalse(System.getProperty("os.name").startsWith("Windows"), "Windows lets nobody shorten a mapped file");
        List<String> options = new ArrayList<>(ChildJvm.VECTOR_API);
        options.add("-XX:CompileThresholdScaling=0.1");
        ChildJvm.Result child = ChildJvm.run(options, Map.of(), Child.class, folder.toString());
        assertEquals(0, child.exit(), child.output());
        List<String> lines = child.output().lines().filter(line -> line.startsWith("cut")).toList();
        assertEquals((NativeCpu.any() ? 8 : 6) * LENGTHS.length, lines.size(), child.output());
        for (String line : lines) {
            assertTrue(line.contains("weights could not be read: a file was cut off or failed while open"), line);
        }
    }

    /** Cut off in the middle of calls, and so of products, again and again. */
    @ParameterizedTest
    @ValueSource(strings = {"vector", "vector of BF16", "nativecpu", "nativecpu of BF16", "nativecpu:int8",
        "nativecpu:int8x2", "nativecpu:bf16x3"})
    void aCallThatIsUnderWayIsAnExceptionToo(String backend) throws Exception {
        assumeFalse(System.getProperty("os.name").startsWith("Windows"), "Windows lets nobody shorten a mapped file");
        if (!backend.startsWith("vector")) {
            NativeCpu.require();
        }
        assumeTrue(!backend.endsWith("bf16x3") || NativeKernels.get().hasBf16x3(), "this processor has no AMX");
        List<String> options = new ArrayList<>(ChildJvm.VECTOR_API);
        options.add("--enable-native-access=ALL-UNNAMED");
        ChildJvm.Result child = ChildJvm.run(options, Map.of(), UnderWay.class, folder.toString(),
                backend.split(" of ")[0], backend.endsWith("BF16") ? "BF16" : "F32");
        assertEquals(0, child.exit(), child.output());
        List<String> told = child.output().lines().filter(line -> line.contains("weights could not be read: a file was"
                + " cut off")).toList();
        assertEquals(UnderWay.TIMES, told.size(), child.output());
    }

    /** OpenCL on a CPU is LLVM, which takes the signals of the JVM and of the C kernels for itself. */
    @Test
    void alsoWhereOpenClWasLookedFor() throws Exception {
        assumeFalse(System.getProperty("os.name").startsWith("Windows"), "Windows lets nobody shorten a mapped file");
        NativeCpu.require();
        OpenClDevices.require();
        ChildJvm.Result child = ChildJvm.runWithOpenCl(ChildJvm.VECTOR_API, UnderWay.class, folder.toString(), "cpu",
                "F32", "devices");
        assertEquals(0, child.exit(), child.output());
        assertTrue(child.output().contains("devices of OpenCL: true"), child.output());
        assertEquals(UnderWay.TIMES, child.output().lines().filter(line -> line.contains("weights could not be read"))
                .count(), child.output());
    }

    /** Calls a model without pause, cuts off its file after a while, and tells what became of the call. */
    static final class UnderWay {
        static final int TIMES = 6;

        private UnderWay() {
        }

        public static void main(String[] args) throws Exception {
            Path made = MadeModel.write(Path.of(args[0]).resolve("made"), CONFIG, DType.valueOf(args[2]));
            if (args.length > 3) {
                System.out.println("devices of OpenCL: " + !Devices.all().isEmpty());
            }
            Path from = made;
            if (args[1].contains(":int8")) {
                from = Path.of(args[0]).resolve("int8");
                CheckpointQuantizer.quantize(made, from, false, false, percent -> { });
            }
            for (int time = 0; time < TIMES; time++) {
                Path copy = Files.createDirectories(Path.of(args[0]).resolve("copy" + time));
                for (String name : List.of("config.json", "model.safetensors")) {
                    Files.copy(from.resolve(name), copy.resolve(name));
                }
                Path file = copy.resolve("model.safetensors");
                try (BertModel model = BertModel.fromPretrained(copy, LoadOptions.defaults().withBackend(args[1])
                        .withThreads(2))) {
                    int delay = 300 + 7 * time;
                    Thread cutter = Thread.startVirtualThread(() -> cut(file, delay));
                    int length = LENGTHS[time % LENGTHS.length];
                    try {
                        while (true) {
                            Child.call(model, length);
                        }
                    } catch (IllegalStateException e) {
                        System.out.println(e.getMessage());
                    }
                    cutter.join();
                }
            }
        }

        private static void cut(Path file, int delay) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                Thread.sleep(delay);
                channel.truncate(PAGE);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A model and where its file is to be cut off. */
    private record Victim(BertModel model, Path file, double share) {
    }

    /** Calls models until their kernels are compiled, cuts off their files in several places, and calls them again. */
    static final class Child {
        private Child() {
        }

        public static void main(String[] args) throws Exception {
            Path folder = Path.of(args[0]);
            List<Victim> victims = new ArrayList<>();
            // Vectors lie at the end of the file: the last share leaves the matrices and takes biases and norms.
            for (double share : new double[] {0, 0.8, 0.995}) {
                victims.add(victim(folder, DType.F32, "vector", share));
            }
            victims.add(victim(folder, DType.F16, "vector", 0.7));
            victims.add(victim(folder, DType.BF16, "vector", 0.7));
            victims.add(victim(folder, DType.F32, "reference", 0.7));
            if (NativeCpu.any()) {
                victims.add(victim(folder, DType.F32, "nativecpu", 0.7));
                victims.add(victim(folder, DType.F16, "nativecpu", 0.3));
            }
            long end = System.nanoTime() + WARM_NANOS;
            for (int round = 0; round < 4 * LENGTHS.length || System.nanoTime() < end; round++) {
                for (Victim victim : victims) {
                    call(victim.model, LENGTHS[round % LENGTHS.length]);
                }
            }
            for (Victim victim : victims) {
                try (FileChannel channel = FileChannel.open(victim.file, StandardOpenOption.WRITE)) {
                    channel.truncate((long) (channel.size() * victim.share) / PAGE * PAGE);
                }
                for (int length : LENGTHS) {
                    try {
                        call(victim.model, length);
                        System.out.println("cut at " + victim.share + ": read by " + victim.model.backend().name());
                    } catch (IllegalStateException e) {
                        System.out.println("cut at " + victim.share + ": " + e.getMessage());
                    }
                }
                victim.model.close();
            }
        }

        private static Victim victim(Path folder, DType type, String backend, double share) throws IOException {
            Path model = MadeModel.write(folder.resolve(type + backend + share), CONFIG, type);
            LoadOptions options = LoadOptions.defaults().withBackend(backend).withThreads(2);
            return new Victim(BertModel.fromPretrained(model, options), model.resolve("model.safetensors"), share);
        }

        private static void call(BertModel model, int length) {
            int[] ids = new int[length];
            for (int i = 0; i < length; i++) {
                ids[i] = i * 23 % 3000;
            }
            model.forward(BertInput.of(ids));
        }
    }
}
