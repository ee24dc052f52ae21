package dev.bert4j.backend.nativecpu;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bert4j.backend.Backends;
import dev.bert4j.backend.NativeCpu;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A library that is missing, damaged or not ours is refused in words; and the C kernels pass their own tests. */
class NativeLibraryTest {
    private static final Path SOURCES = Path.of("native/cpu").toAbsolutePath();

    @TempDir
    private Path folder;

    @AfterEach
    void itsOwnLibraryAgain() {
        System.clearProperty(NativeLibrary.PROPERTY);
    }

    private static String refusal() {
        return assertThrows(IllegalStateException.class, NativeLibrary::load).getMessage();
    }

    @Test
    void whatIsNoLibraryIsRefused() throws Exception {
        Path missing = folder.resolve("none.so");
        System.setProperty(NativeLibrary.PROPERTY, missing.toString());
        assertEquals("the library " + missing + ", which -D" + NativeLibrary.PROPERTY
                + " names, cannot be loaded: there is no such file.", refusal());
        Path damaged = Files.writeString(folder.resolve("damaged.so"), "no library");
        System.setProperty(NativeLibrary.PROPERTY, damaged.toString());
        String cannot = ", which -D" + NativeLibrary.PROPERTY + " names, cannot be loaded: ";
        assertEquals("the library " + damaged + cannot + (NativeLibrary.platform().startsWith("linux")
                ? "it is no library of this system." : "it is damaged, for another system, or in a folder from which"
                + " nothing may be run (" + folder + ")."), refusal());
        System.setProperty(NativeLibrary.PROPERTY, folder.toString());
        assertTrue(refusal().startsWith("the library " + folder + cannot), refusal());
    }

    /** The loader of Linux would end the process. */
    @Test
    void aLibraryThatWasCutOffIsRefused() throws Exception {
        NativeCpu.require();
        String name = System.mapLibraryName("bert4j");
        byte[] whole;
        String resource = "/native/" + NativeLibrary.platform() + "/" + name;
        try (InputStream in = NativeLibrary.class.getResourceAsStream(resource)) {
            whole = in.readAllBytes();
        }
        assumeTrue(whole[0] == 0x7F, "a format that only Linux has");
        assertTrue(ElfFile.isWhole(Files.write(folder.resolve(name), whole)));
        for (int length : new int[] {4, 20, 63, 64, 100, 5000, whole.length / 2}) {
            Path cut = Files.write(folder.resolve("cut" + length), Arrays.copyOf(whole, length));
            System.setProperty(NativeLibrary.PROPERTY, cut.toString());
            assertEquals("the library " + cut + ", which -D" + NativeLibrary.PROPERTY
                    + " names, cannot be loaded: it was cut off, or its end is empty.", refusal());
        }
        for (int length : new int[] {5000, whole.length / 2}) {
            Path zeros = Files.write(folder.resolve("zeros" + length),
                    Arrays.copyOf(Arrays.copyOf(whole, length), whole.length));
            System.setProperty(NativeLibrary.PROPERTY, zeros.toString());
            assertTrue(refusal().endsWith("it was cut off, or its end is empty."), refusal());
        }
    }

    /** One of somebody else lacks our functions. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aLibraryOfSomebodyElseIsRefused() throws Exception {
        NativeCpu.require();
        Path other = folder.resolve("libother.so");
        Path source = Files.writeString(folder.resolve("other.c"), "int other(void) { return 1; }\n");
        assertEquals(0, run(List.of("cc", "-shared", "-fPIC", "-o", other.toString(), source.toString())).exit);
        System.setProperty(NativeLibrary.PROPERTY, other.toString());
        assertEquals("the library " + other + ", which -D" + NativeLibrary.PROPERTY
                + " names, lacks bert4j_call_abi; build both from the same sources.", refusal());
        Files.writeString(source, "int bert4j_call_abi(void) { return 99; }\n");
        Path newer = folder.resolve("libnewer.so");
        assertEquals(0, run(List.of("cc", "-shared", "-fPIC", "-o", newer.toString(), source.toString())).exit);
        System.setProperty(NativeLibrary.PROPERTY, newer.toString());
        assertEquals("the library " + newer + ", which -D" + NativeLibrary.PROPERTY
                + " names, is of version 99, and this bert4j needs 9; build both from the same sources.", refusal());
    }

    @Test
    void nothingIsLeftWhereItWasUnpacked() throws Exception {
        NativeCpu.require();
        long before = unpacked();
        NativeLibrary.load();
        assertEquals(before, unpacked());
    }

    private static long unpacked() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("bert4j-")).count();
        }
    }

    @Test
    void earlierReleasesOf25AreRefused() {
        for (String version : List.of("25", "25.0.1", "25.0.2+10")) {
            assertTrue(assertThrows(IllegalStateException.class, () -> NativeLibrary.requirePinning(
                    Runtime.Version.parse(version))).getMessage().endsWith("use 25.0.3 or later."));
        }
        for (String version : List.of("25.0.3", "25.0.3+9", "26", "25.1")) {
            assertDoesNotThrow(() -> NativeLibrary.requirePinning(Runtime.Version.parse(version)));
        }
    }

    @Test
    void whoAsksForItGetsItOrAnError() {
        NativeCpu.require();
        for (String name : List.of("nativecpu", "nativecpu:int8", "nativecpu:int8x2")) {
            try (var backend = Backends.choose(name, 1)) {
                assertEquals(name, backend.name());
                assertTrue(backend.description().startsWith("C kernels ("), backend.description());
            }
        }
        if (NativeKernels.get().hasBf16x3()) {
            Backends.choose("nativecpu:bf16x3", 1).close();
        } else {
            assertTrue(assertThrows(IllegalStateException.class, () -> Backends.choose("nativecpu:bf16x3", 1))
                    .getMessage().contains("this processor has no instructions for bf16x3"));
        }
        assertThrows(IllegalArgumentException.class, () -> Backends.choose("nativecpu:int4", 1));
    }

    private record Result(int exit, String output) {
    }

    private static Result run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }

    private static boolean has(String command) throws Exception {
        return run(List.of("sh", "-c", "command -v " + command)).exit == 0;
    }

    private void make(String target, String... variables) throws Exception {
        List<String> command = new ArrayList<>(List.of("make", "-s", "-j2", "-f", SOURCES + "/Makefile",
                "OUT=" + folder.resolve("objects"), target));
        command.addAll(Arrays.asList(variables));
        Result result = run(command);
        System.out.println("C kernels, " + target + " " + String.join(" ", variables) + ":\n" + result.output);
        assertEquals(0, result.exit, result.output);
        assertTrue(result.output.lines().anyMatch(line -> line.matches("[0-9]{4,} passed, 0 failed")), result.output);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void theKernelsPassTheirTestsUnderTheSanitizers() throws Exception {
        assumeTrue(has("make") && has("cc"), "there is no make or no C compiler here");
        make("sanitize");
    }

    /** With AVX-512 eight tokens go with sixteen rows, but on Zen 4 with eight. */
    @Test
    void theKernelsForEightTokensAreThoseOfTheProcessor() throws Exception {
        NativeCpu.require();
        FloatKernels floats = NativeKernels.get().floats();
        assumeTrue(floats.name().equals("avx512"), "this machine has no AVX-512");
        Path processor = Path.of("/proc/cpuinfo");
        assumeTrue(Files.exists(processor), "this system does not tell what its processor is");
        String text = Files.readString(processor);
        boolean zen4 = text.contains("AuthenticAMD") && text.matches("(?s).*cpu family\\s*: 25\n.*");
        assertEquals(zen4 ? 8 : 16, floats.tileRows(8));
    }

    /** What no machine at hand may have: AMX and AVX-VNNI. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void theKernelsForRareInstructionsPassTheirTestsEmulated() throws Exception {
        assumeTrue(has("make") && has("cc"), "there is no make or no C compiler here");
        Path processor = Path.of("/proc/cpuinfo");
        assumeTrue(Files.exists(processor) && Files.readString(processor).contains("avx512_vnni"),
                "this machine has no AVX512-VNNI");
        make("emulate");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void theKernelsForArmPassTheirTestsUnderAnEmulator() throws Exception {
        assumeTrue(has("make") && has("aarch64-linux-gnu-gcc") && has("qemu-aarch64"),
                "there is no aarch64-linux-gnu-gcc or no qemu-aarch64 here");
        make("test", "CC=aarch64-linux-gnu-gcc", "RUN=qemu-aarch64 -cpu max -L /usr/aarch64-linux-gnu");
    }
}
