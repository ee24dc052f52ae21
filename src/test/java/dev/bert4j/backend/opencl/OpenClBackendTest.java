package dev.bert4j.backend.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.OpenClDevices;
import dev.bert4j.backend.Session;
import dev.bert4j.weights.WeightTensor;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lwjgl.opencl.CL10;

/** What the OpenCL backend makes and releases on a device, keeps on disk, and refuses. */
class OpenClBackendTest {
    private static final int OPENS = 1000;

    @TempDir
    Path folder;

    @BeforeEach
    void device() {
        OpenClDevices.require();
    }

    private static OpenClDevice usable() {
        return OpenClDevice.all().stream().filter(device -> device.refusal() == null).findFirst().orElseThrow();
    }

    private static float[] linear(OpenClBackend backend, float[] w, float[] x) {
        int in = x.length;
        LinearWeights weights = new LinearWeights(backend.parameter(WeightTensor.of("w", w, w.length / in, in)), null,
                in, w.length / in);
        try (Session session = backend.open(1); Activation a = session.upload(x, 1, in);
                Activation y = session.linear(a, weights, ActivationFunction.LINEAR)) {
            return session.download(y);
        }
    }

    @Test
    void aThousandOpensAndClosesLeaveNothingBehind() {
        int before = DeviceContext.live();
        for (int i = 0; i < OPENS; i++) {
            try (OpenClBackend backend = OpenClBackend.onDevice(-1)) {
                assertTrue(DeviceContext.live() > before);
                if (i % 20 == 0) {
                    float[] y = linear(backend, new float[] {1, 2, 1, 0}, new float[] {5, 3});
                    assertArrayEquals(new float[] {11, 5}, y);
                }
            }
            assertEquals(before, DeviceContext.live());
        }
    }

    @Test
    void whatACallLeavesBehindThatFailedHalfWayIsReleased() {
        int before = DeviceContext.live();
        try (OpenClBackend backend = OpenClBackend.onDevice(-1)) {
            for (int i = 0; i < 3; i++) {
                Session session = backend.open(4);
                session.upload(new float[12], 4, 3);
                assertThrows(IndexOutOfBoundsException.class,
                        () -> session.gather(session.upload(new float[6], 2, 3), new int[] {2}));
                int during = DeviceContext.live();
                session.close();
                assertTrue(DeviceContext.live() < during);
            }
            assertArrayEquals(new float[] {3}, linear(backend, new float[] {1, 2}, new float[] {1, 1}));
        }
        assertEquals(before, DeviceContext.live());
    }

    @Test
    void aBackendThatIsClosedWhileACallRunsGoesWithTheCall() {
        int before = DeviceContext.live();
        OpenClBackend backend = OpenClBackend.onDevice(-1);
        try (Session session = backend.open(1)) {
            Activation x = session.upload(new float[] {1, 2, 3}, 1, 3);
            backend.close();
            assertArrayEquals(new float[] {1, 2, 3}, session.download(x));
            assertEquals("The backend is closed.",
                    assertThrows(IllegalStateException.class, () -> backend.open(1)).getMessage());
            x.close();
        }
        assertEquals(before, DeviceContext.live());
        WeightTensor late = WeightTensor.of("w", new float[] {1}, 1);
        assertEquals("The backend is closed.",
                assertThrows(IllegalStateException.class, () -> backend.parameter(late)).getMessage());
    }

    /** Where a device has no room for a rounded size, the buffer is known by the size that it has. */
    @Test
    void aBufferIsKnownByItsOwnSize() {
        DeviceContext context = new DeviceContext(withLargestBuffer(usable(), 100_000));
        BufferPool pool = new BufferPool(context, () -> { });
        try {
            pool.give(pool.take(100_000));
            assertThrows(IllegalStateException.class, () -> pool.take(120_000));
        } finally {
            pool.release();
            context.release();
        }
    }

    private static OpenClDevice withLargestBuffer(OpenClDevice device, long bytes) {
        try {
            RecordComponent[] components = OpenClDevice.class.getRecordComponents();
            Object[] values = new Object[components.length];
            Class<?>[] types = new Class<?>[components.length];
            for (int i = 0; i < components.length; i++) {
                types[i] = components[i].getType();
                values[i] = components[i].getName().equals("largestBuffer") ? bytes
                        : components[i].getAccessor().invoke(device);
            }
            return OpenClDevice.class.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void everyWayToCutAProductGivesTheBitsOfTheDefinition() {
        DeviceContext context = new DeviceContext(usable());
        Programs programs = new Programs(context, new ProgramCache(folder));
        long queue = context.createQueue();
        BufferPool pool = new BufferPool(context, () -> { });
        Kernels kernels = new Kernels(context, programs);
        Transfers transfers = new Transfers(queue, pool);
        Random random = new Random(4);
        try {
            for (int[] size : new int[][] {{1, 1, 1}, {3, 7, 5}, {33, 70, 37}, {130, 129, 64}, {65, 200, 100}}) {
                int tokens = size[0];
                int outputs = size[1];
                int depth = size[2];
                float[] x = floats(random, tokens * depth);
                float[] w = floats(random, outputs * depth);
                float[] bias = floats(random, outputs);
                float[] expected = product(x, w, bias, tokens, outputs, depth);
                long[] buffers = {transfers.up(x), transfers.up(w), transfers.up(bias),
                    transfers.up(new float[tokens * outputs])};
                Stream.concat(GemmTile.SMALL.stream(), GemmTile.LARGE.stream()).distinct()
                        .filter(tile -> tile.fits(context.device())).forEach(tile -> {
                            kernels.get(KernelSources.GEMM, tile.macros() + " -DACTIVATION=f_linear", "gemm")
                                    .buffer(buffers[0]).buffer(buffers[1]).buffer(buffers[2]).buffer(0)
                                    .buffer(buffers[3]).ints(tokens, outputs, depth, 1, 0)
                                    .run(queue, Math.ceilDiv(outputs, tile.bn()), tile.itemsN(),
                                            Math.ceilDiv(tokens, tile.bm()), tile.itemsM());
                            assertArrayEquals(expected, transfers.down(buffers[3], new float[expected.length]),
                                    tile + " of " + tokens + "x" + depth + " to " + outputs);
                        });
            }
        } finally {
            CL10.clFinish(queue);
            kernels.release();
            pool.release();
            programs.release();
            context.releaseQueue(queue);
            context.release();
        }
    }

    private static float[] floats(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static float[] product(float[] x, float[] w, float[] bias, int tokens, int outputs, int depth) {
        float[] y = new float[tokens * outputs];
        for (int t = 0; t < tokens; t++) {
            for (int n = 0; n < outputs; n++) {
                float sum = 0;
                for (int k = 0; k < depth; k++) {
                    sum = Math.fma(w[n * depth + k], x[t * depth + k], sum);
                }
                y[t * outputs + n] = sum + bias[n];
            }
        }
        return y;
    }

    @Test
    void theFastestWayIsMeasuredOnceAndKept() throws Exception {
        DeviceContext context = new DeviceContext(usable());
        ProgramCache cache = new ProgramCache(folder);
        Programs programs = new Programs(context, cache);
        try {
            List<GemmTile> some = GemmTile.SMALL.subList(0, 2);
            GemmTile chosen = new GemmTiles(context, programs, cache).fastest(some, 32);
            assertTrue(some.contains(chosen));
            long entries = count();
            // What is on disk decides from now on: nothing is built that would add an entry.
            assertEquals(chosen, new GemmTiles(context, programs, cache).fastest(some, 32));
            assertEquals(entries, count());
        } finally {
            programs.release();
            context.release();
        }
    }

    private long count() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    @Test
    void aDeviceThatAnswersWronglyIsFoundOut() {
        float[] right = {1, -2, 3};
        assertEquals(Optional.empty(), SelfTest.difference(right, right.clone(), true));
        assertEquals(Optional.empty(), SelfTest.difference(right, new float[] {1, -2.0001f, 3}, false));
        for (float wrong : new float[] {-2.001f, Float.NaN, 0}) {
            assertEquals("its answer to a test is wrong, " + wrong + " instead of -2.0; another driver may help.",
                    SelfTest.difference(right, new float[] {1, wrong, 3}, false).orElseThrow());
        }
        assertTrue(SelfTest.difference(right, new float[] {1, -2.0000002f, 3}, true).isPresent());
    }

    @Test
    void aDamagedProgramIsBuiltAgain() throws Exception {
        DeviceContext context = new DeviceContext(usable());
        ProgramCache cache = new ProgramCache(folder);
        try {
            build(context, cache);
            Path entry;
            try (Stream<Path> files = Files.list(folder)) {
                entry = files.findFirst().orElseThrow();
            }
            byte[] good = Files.readAllBytes(entry);
            byte[] flipped = good.clone();
            flipped[flipped.length / 2] ^= 1;
            byte[][] damages = {new byte[0], new byte[40], flipped, Arrays.copyOf(good, good.length - 1)};
            for (byte[] damaged : damages) {
                Files.write(entry, damaged);
                build(context, cache);
                assertArrayEquals(good, Files.readAllBytes(entry));
            }
            // Whole, but of another name.
            cache.write("other", "a program".getBytes());
            Files.copy(folder.resolve("other"), entry, StandardCopyOption.REPLACE_EXISTING);
            Files.delete(folder.resolve("other"));
            assertNull(cache.read(entry.getFileName().toString()));
            build(context, cache);
            // Whole, and yet no program.
            cache.write(entry.getFileName().toString(), "no program of any driver".getBytes());
            build(context, cache);
            assertArrayEquals(good, Files.readAllBytes(entry));
            assertEquals(1, count(), "no part of a file stays");
        } finally {
            context.release();
        }
    }

    private static void build(DeviceContext context, ProgramCache cache) {
        Programs programs = new Programs(context, cache);
        new DeviceKernel(context, programs.get(KernelSources.TOKENS, ""), "gather").release();
        programs.release();
    }

    @Test
    void aFolderThatCannotBeWrittenIsNoError() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        DeviceContext context = new DeviceContext(usable());
        try {
            build(context, new ProgramCache(file));
            build(context, new ProgramCache(null));
        } finally {
            context.release();
        }
        assertEquals("", Files.readString(file));
    }

    @Test
    void aKernelThatDoesNotBuildSaysWhy() {
        DeviceContext context = new DeviceContext(usable());
        Programs programs = new Programs(context, new ProgramCache(null));
        try {
            String message = assertThrows(IllegalStateException.class,
                    () -> programs.get(KernelSources.ATTENTION, " -DHEAD_SIZE=no")).getMessage();
            assertTrue(message.startsWith("The OpenCL kernels attention.cl do not build on " + context.device().name()),
                    message);
            assertTrue(message.contains("QUERIES"), message);
        } finally {
            programs.release();
            context.release();
        }
    }

    @Test
    void whatTheDeviceCannotHoldIsRefusedAndTheBackendStaysUsable() {
        int before = DeviceContext.live();
        try (OpenClBackend backend = OpenClBackend.onDevice(-1)) {
            try (Session session = backend.open(1)) {
                assertEquals("40000 tokens of 60000 values each are more than one call can hold; give fewer texts at a"
                        + " time.", assertThrows(IllegalArgumentException.class,
                                () -> session.upload(new float[0], 40000, 60000)).getMessage());
            }
            DeviceContext context = new DeviceContext(usable());
            long bytes = context.device().largestBuffer() + 1;
            assertEquals("The weight w takes " + bytes + " bytes, and the largest buffer of the OpenCL device "
                    + context.device().name() + " has " + (bytes - 1) + ".",
                    assertThrows(IllegalStateException.class, () -> context.createBuffer(bytes, "The weight w"))
                            .getMessage());
            context.release();
            assertArrayEquals(new float[] {3}, linear(backend, new float[] {1, 2}, new float[] {1, 1}));
        }
        assertEquals(before, DeviceContext.live());
    }
}
