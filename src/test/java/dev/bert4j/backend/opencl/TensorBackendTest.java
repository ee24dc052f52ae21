package dev.bert4j.backend.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.BertConfig;
import dev.bert4j.BertInput;
import dev.bert4j.Golden;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.Backend;
import dev.bert4j.backend.Backends;
import dev.bert4j.backend.Devices;
import dev.bert4j.backend.OpenClDevices;
import dev.bert4j.backend.reference.ReferenceBackend;
import dev.bert4j.model.Batch;
import dev.bert4j.model.BertEmbeddings;
import dev.bert4j.model.BertEncoder;
import dev.bert4j.model.ModelRuntime;
import dev.bert4j.model.ParameterLoader;
import dev.bert4j.model.Trace;
import dev.bert4j.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A backend that multiplies by tensor cores: how it is asked for, who is refused, and what models make of it. */
class TensorBackendTest {
    @ParameterizedTest
    @CsvSource({"opencl:bf16, bf16", "opencl:0:tf32, tf32", " OpenCL:tf32x3 , tf32x3"})
    void aDeviceWithoutTensorCoresIsRefused(String name, String precision) {
        OpenClDevices.require();
        if (OpenClDevice.all().stream().allMatch(device -> device.capability() == 0)) {
            assertEquals("The backend '" + name.strip().toLowerCase() + "', which the caller asks for, cannot be had: "
                    + OpenClDevice.all().getFirst().name() + " cannot compute in " + precision
                    + ": that takes tensor cores of NVIDIA, which it does not have.",
                    assertThrows(IllegalStateException.class, () -> Backends.choose(name, 1)).getMessage());
        } else {
            try (Backend backend = Backends.choose(name, 1)) {
                assertEquals("opencl:" + precision, backend.name());
            } catch (IllegalStateException e) {
                assertTrue(e.getMessage().contains("cannot compute in " + precision), e.getMessage());
            }
        }
    }

    @Test
    void capabilitiesBelowThatOfAmpereAreRefused() {
        for (int capability : new int[] {75, 80, 86, 90, 120}) {
            OpenClDevice device = new OpenClDevice(0, 0, 0, "a GPU", "NVIDIA CUDA", "", "", 4, 1 << 30, 1 << 28,
                    48 << 10, 108, 1024, true, capability, null);
            assertEquals(Optional.empty(), DeviceChoice.refusal(device, Precision.FP32));
            assertEquals(capability >= 80 ? Optional.empty()
                    : Optional.of("its compute capability is 7.5, and that takes 8.0 at the least"),
                    DeviceChoice.refusal(device, Precision.TF32));
        }
    }

    @Test
    void unknownPrecisionsAndOrdersAreNoNames() {
        for (String name : List.of("opencl:fp16", "opencl:tf32:0", "opencl:", "opencl:0:", "opencl:fp32")) {
            assertThrows(IllegalArgumentException.class, () -> Backends.choose(name, 1), name);
            assertThrows(IllegalArgumentException.class, () -> Devices.backend(name), name);
        }
        assertEquals("opencl:1:tf32x3", Devices.backend(" OpenCL:1:TF32x3 "));
    }

    /** A model that rounds serves nobody who asks for fp32, and the other way round. */
    @Test
    void whoNamesNoPrecisionGetsNone() {
        assertTrue(Devices.serves("opencl:1:tf32", "opencl:tf32"));
        assertTrue(Devices.serves("opencl:1:tf32", "opencl:1:tf32"));
        assertTrue(Devices.serves("opencl:1", "opencl"));
        assertTrue(Devices.serves("cpu", "cpu"));
        assertFalse(Devices.serves("opencl:1:tf32", "opencl"));
        assertFalse(Devices.serves("opencl:1:tf32", "opencl:1"));
        assertFalse(Devices.serves("opencl:1", "opencl:tf32"));
        assertFalse(Devices.serves("opencl:1:tf32", "opencl:tf32x3"));
        assertFalse(Devices.serves("opencl:1", "opencl:11"));
    }

    @Test
    void itSaysWhatItIs() {
        OpenClDevices.require();
        try (OpenClBackend backend = OpenClBackend.emulated(Precision.TF32X3)) {
            assertEquals("opencl:tf32x3", backend.name());
            assertTrue(backend.device().matches("opencl:[0-9]+:tf32x3"), backend.device());
            assertTrue(backend.description().endsWith(", products in tf32x3 by tensor cores"), backend.description());
            assertFalse(backend.isExact());
        }
    }

    /**
     * Hidden states are normalised, about 1 in size. A product whose operands are rounded to p bits errs by some
     * 0.8·2<sup>-p</sup> of that; a layer has three of them in a row, errors of all layers add up as squares do, and
     * the largest of some thousand is about five times the usual one: 4·√(3·layers)·2<sup>-p</sup>, and twice that for
     * what attention makes of it. With tf32x3 the errors are those of fp32.
     */
    @ParameterizedTest
    @CsvSource({"BF16, 8", "TF32, 11", "TF32X3, 22"})
    void wholeModels(Precision precision, int bits) throws IOException {
        OpenClDevices.require();
        for (Path folder : List.of(Golden.resources().resolve("models/base"),
                Golden.resources().resolve("models/odd_head_dim"), Path.of("src/models/demo"))) {
            float[] expected = run(folder, new ReferenceBackend(2));
            float[] actual = run(folder, OpenClBackend.emulated(precision));
            int layers = BertConfig.fromPretrained(folder).numHiddenLayers();
            double allowed = 8 * Math.sqrt(3 * layers) * Math.scalb(1.0, -bits);
            double most = 0;
            for (int i = 0; i < expected.length; i++) {
                most = Math.max(most, Math.abs(actual[i] - expected[i]));
            }
            assertTrue(most <= allowed, folder + " in " + precision + ": " + most + " is more than " + allowed);
        }
    }

    /** The last hidden states of a batch; its texts must have the same bits alone, and its tokens without others. */
    private static float[] run(Path folder, Backend backend) throws IOException {
        BertConfig config = BertConfig.fromPretrained(folder);
        Checkpoint checkpoint = Checkpoint.open(folder);
        try (ModelRuntime runtime = new ModelRuntime(backend, checkpoint)) {
            ParameterLoader loader = new ParameterLoader(backend, checkpoint, "BertModel", false, 3L, 0.02);
            var embeddings = new BertEmbeddings(runtime, config, loader.root().at("embeddings"));
            var encoder = new BertEncoder(runtime, config, loader.root().at("encoder"));
            loader.finish(List.of());
            BiFunction<List<BertInput>, int[], float[]> hidden = (inputs, tokens) -> {
                Batch batch = Batch.of(config, inputs);
                return runtime.call(batch.tokens(), session -> {
                    try (Activation x = embeddings.forward(session, batch.embeddingInput(0));
                            Activation y = encoder.forward(session, x, batch.attention(), null,
                                    new Trace(false, false), null, tokens)) {
                        return session.download(y);
                    }
                });
            };
            Random random = new Random(4);
            List<BertInput> texts = new ArrayList<>();
            for (int length : new int[] {5, 20, 1, 33, 9}) {
                texts.add(BertInput.of(random.ints(length, 0, config.vocabSize()).toArray()));
            }
            float[] together = hidden.apply(texts, null);
            int from = 0;
            for (BertInput text : texts) {
                float[] alone = hidden.apply(List.of(text), null);
                assertArrayEquals(Arrays.copyOfRange(together, from, from + alone.length), alone, backend.name());
                from += alone.length;
            }
            int[] first = {0, 5, 25, 26, 59};
            float[] some = hidden.apply(texts, first);
            int features = config.hiddenSize();
            for (int i = 0; i < first.length; i++) {
                assertArrayEquals(Arrays.copyOfRange(together, first[i] * features, (first[i] + 1) * features),
                        Arrays.copyOfRange(some, i * features, (i + 1) * features), backend.name());
            }
            return together;
        }
    }
}
