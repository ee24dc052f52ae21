package dev.bert4j.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.BertInput;
import dev.bert4j.BertModel;
import dev.bert4j.Bits;
import dev.bert4j.ChildJvm;
import dev.bert4j.Golden;
import dev.bert4j.LoadOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.ConsoleHandler;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who runs a model: what is asked for, or a sentence; else the best there is, with a line that says why. */
class BackendsTest {
    private static final String HOW = "start it with --add-modules jdk.incubator.vector, or put bert4j on the module "
            + "path.";
    /** The best of the CPU here: with C kernels, where the build found a C compiler. */
    private static final String BEST = NativeCpu.any() ? "nativecpu" : "vector";
    @TempDir
    private Path folder;
    private String property;

    @BeforeEach
    void keepProperty() {
        property = System.getProperty(Backends.PROPERTY);
    }

    @AfterEach
    void restoreProperty() {
        set(property);
    }

    private static void set(String value) {
        if (value == null) {
            System.clearProperty(Backends.PROPERTY);
        } else {
            System.setProperty(Backends.PROPERTY, value);
        }
    }

    @ParameterizedTest
    @CsvSource({"vector, , vector", "reference, , reference", "cpu, , best", "CPU, reference, best",
            ", reference, reference", "vector, reference, vector", "' Reference ', , reference", ", cpu, best"})
    void explicitBeforePropertyBeforeWhatThereIs(String asked, String inProperty, String expected) {
        set(inProperty);
        try (Backend backend = Backends.choose(asked, 2)) {
            assertEquals(expected.equals("best") ? BEST : expected, backend.name());
            assertTrue(backend.description().endsWith(", 2 threads"), backend.description());
        }
    }

    @Test
    void autoTakesAGpuOrElseTheCpu() {
        set(null);
        for (String asked : new String[] {"auto", null, " "}) {
            try (Backend backend = Backends.choose(asked, 2)) {
                assertTrue(Devices.serves(backend.device(), Backends.auto()), backend.description());
                assertEquals(Backends.auto().equals("cpu") ? BEST : "opencl", backend.name());
            }
        }
    }

    /** With a library that is none, vectors answer with the same bits, and one line of the log says why. */
    @Test
    void withoutItsLibraryTheCpuIsTheVectorApiAndSaysWhy() throws Exception {
        Path none = Files.writeString(folder.resolve("none.so"), "no library");
        List<String> options = new ArrayList<>(ChildJvm.VECTOR_API);
        options.add("--enable-native-access=ALL-UNNAMED");
        options.add("-Ddev.bert4j.nativecpu.library=" + none);
        ChildJvm.Result child = ChildJvm.run(options, Map.of("BERT4J_BACKEND", "cpu"), Child.class,
                folder().toString());
        assertEquals(0, child.exit(), child.output());
        List<String> log = child.output().lines().filter(line -> line.contains("Backend ")).toList();
        assertEquals(1, log.size(), child.output());
        assertTrue(log.getFirst().contains("Backend vector (Vector API, ") && log.getFirst().contains(
                "; not nativecpu: the library " + none + ", which -Ddev.bert4j.nativecpu.library names, cannot be"
                        + " loaded: it is "), child.output());
        assertTrue(child.output().contains("answer " + hash("vector")), child.output());
        options.removeLast();
        child = ChildJvm.run(options, Map.of("BERT4J_BACKEND", "cpu"), Child.class, folder().toString());
        assertTrue(child.output().contains("Backend " + BEST + " ("), child.output());
        assertTrue(child.output().contains("answer " + hash("vector")), child.output());
    }

    @Test
    void whereNativeAccessIsDeniedNativecpuSaysHowToAllowIt() throws Exception {
        NativeCpu.require();
        List<String> options = new ArrayList<>(ChildJvm.VECTOR_API);
        options.add("--illegal-native-access=deny");
        options.add("-Ddev.bert4j.backend=nativecpu");
        ChildJvm.Result child = ChildJvm.run(options, Map.of(), Child.class, folder().toString());
        assertTrue(child.output().contains("The backend 'nativecpu', which -Ddev.bert4j.backend asks for, cannot be"
                + " had: the JVM denies native access; start it with --enable-native-access=dev.bert4j"),
                child.output());
    }

    private static String hash(String backend) throws Exception {
        try (BertModel model = BertModel.fromPretrained(folder(), LoadOptions.defaults().withBackend(backend))) {
            return run(model);
        }
    }

    /** What no call ever needed is not made, and nobody waits for it. */
    @Test
    void aBackendThatIsClosedUnusedWasNeverMade() {
        for (String name : new String[] {"cpu", "vector"}) {
            Backend backend = Backends.choose(name, 2);
            backend.close();
            backend.close();
            assertThrows(IllegalStateException.class, () -> backend.open(1));
            assertTrue(Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().equals("bert4j-backend")), name);
        }
    }

    /** One that is being made is waited for, so that its threads end. */
    @Test
    void aBackendThatIsClosedWhileItIsMadeIsClosedThen() {
        Backend backend = Backends.choose("cpu", 2);
        backend.prepare();
        backend.close();
        assertTrue(Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("bert4j-backend")));
        assertTrue(backend.description().endsWith(", 2 threads"), "what was made can be asked");
    }

    @Test
    void threads() {
        try (Backend one = Backends.choose("reference", 1); Backend all = Backends.choose("reference", 0)) {
            assertEquals("scalar Java, 1 thread", one.description());
            int processors = Runtime.getRuntime().availableProcessors();
            assertTrue(all.description().startsWith("scalar Java, " + processors + " thread"), all.description());
        }
        assertEquals("threads must be at least 1, or 0 for all processors, and at most 1024, not -1.",
                assertThrows(IllegalArgumentException.class, () -> Backends.choose(null, -1)).getMessage());
    }

    @Test
    void anUnknownNameIsRefusedWhoeverAsks() {
        assertEquals("There is no backend 'cuda', which the caller asks for; use one of auto, cpu, vector, "
                + "nativecpu, opencl, reference.",
                assertThrows(IllegalArgumentException.class, () -> Backends.choose("cuda", 1)).getMessage());
        assertEquals("There is no backend 'nativecpu:bf16x4', which the caller asks for; use one of nativecpu, "
                + "nativecpu:int8, nativecpu:int8x2, nativecpu:bf16, nativecpu:bf16x3.",
                assertThrows(IllegalArgumentException.class, () -> Backends.choose("NativeCpu:bf16x4", 1)).getMessage()
                        .replace("NativeCpu", "nativecpu"));
        assertEquals("There is no backend 'opencl:0:fp8', which the caller asks for; use one of opencl, opencl:N for a "
                + "device, and behind either :bf16, :tf32 or :tf32x3.",
                assertThrows(IllegalArgumentException.class, () -> Backends.choose("opencl:0:fp8", 1)).getMessage());
        set("gpu");
        assertEquals("There is no backend 'gpu', which -Ddev.bert4j.backend asks for; use one of auto, cpu, "
                + "vector, nativecpu, opencl, reference.",
                assertThrows(IllegalArgumentException.class, () -> Backends.choose(null, 1)).getMessage());
    }

    @Test
    void onTheClassPathTheReferenceAnswersWithTheSameBitsAndSaysWhy() throws Exception {
        ChildJvm.Result child = ChildJvm.run(List.of(), Map.of(), Child.class, folder().toString());
        assertEquals(0, child.exit(), child.output());
        List<String> log = child.output().lines().filter(line -> line.contains("Backend ")).toList();
        assertEquals(1, log.size(), child.output());
        assertTrue(log.getFirst().contains("Backend reference (scalar Java") && log.getFirst().endsWith(HOW),
                child.output());
        assertTrue(child.output().contains("answer " + hash("vector")), child.output());
    }

    @Test
    void onTheClassPathAskingForVectorsIsAnErrorThatSaysHowToGetThem() throws Exception {
        String refusal = "java.lang.IllegalStateException: The backend 'vector', which %s asks for, cannot be had: the "
                + "JVM runs without the Vector API; " + HOW;
        ChildJvm.Result byProperty = ChildJvm.run(List.of("-Ddev.bert4j.backend=vector"), Map.of(), Child.class,
                folder().toString());
        assertEquals(refusal.formatted("-Ddev.bert4j.backend"), byProperty.output().strip());
        ChildJvm.Result byVariable = ChildJvm.run(List.of(), Map.of("BERT4J_BACKEND", "vector"), Child.class,
                folder().toString());
        assertEquals(refusal.formatted("BERT4J_BACKEND"), byVariable.output().strip());
    }

    @Test
    void onTheClassPathWithTheModuleVectorsAnswer() throws Exception {
        ChildJvm.Result child = ChildJvm.run(ChildJvm.VECTOR_API, Map.of("BERT4J_BACKEND", "auto"), Child.class,
                folder().toString());
        assertTrue(child.output().contains("Backend vector (Vector API, "), child.output());
        assertTrue(child.output().contains("answer " + hash("reference")), child.output());
    }

    private static Path folder() {
        return Golden.resources().resolve("models").resolve("base");
    }

    private static String run(BertModel model) {
        int[] ids = new int[20];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = i * 6;
        }
        return Bits.hash(model.forward(BertInput.of(ids)).lastHiddenState());
    }

    /** Opens a model on the class path as a program does that knows nothing of backends. */
    static final class Child {
        private static final Logger LOG = Logger.getLogger("dev.bert4j.backend");

        private Child() {
        }

        public static void main(String[] args) throws Exception {
            // The choice is logged at DEBUG, which java.util.logging calls FINE.
            var handler = new ConsoleHandler();
            handler.setLevel(Level.FINE);
            LOG.setLevel(Level.FINE);
            LOG.setUseParentHandlers(false);
            LOG.addHandler(handler);
            try (BertModel model = BertModel.fromPretrained(Path.of(args[0]))) {
                System.out.println("answer " + run(model));
            } catch (IllegalStateException e) {
                System.out.println(e);
            }
        }
    }
}
