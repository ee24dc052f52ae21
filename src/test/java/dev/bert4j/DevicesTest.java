package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.backend.Backend;
import dev.bert4j.backend.Device;
import dev.bert4j.backend.DeviceMemoryException;
import dev.bert4j.backend.Devices;
import dev.bert4j.backend.OpenClDevices;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DevicesTest {
    private static final Path MODELS = Golden.resources().resolve("models");
    private static final LoadOptions CPU = LoadOptions.defaults().withBackend("cpu");

    private static String refused(PreTrainedModel model, Class<? extends RuntimeException> type, String device) {
        return assertThrows(type, () -> model.to(device)).getMessage();
    }

    @Test
    void aModelIsOnTheCpuAndStaysThere() throws Exception {
        try (BertModel model = BertModel.fromPretrained(MODELS.resolve("base"), CPU).to("cpu");
                BertForMaskedLM masked = BertForMaskedLM.fromPretrained(MODELS.resolve("head_masked_lm"), CPU)) {
            assertEquals("cpu", model.backend().device());
            assertSame(model, model.to("CPU"));
            assertSame(masked, masked.to(" Cpu "));
            if (Devices.all().stream().noneMatch(Device::gpu)) {
                assertSame(model, model.to("auto"));
            }
        }
    }

    @Test
    void aModelGoesToADeviceAndBackAndKeepsItsBits() throws Exception {
        OpenClDevices.require();
        BertInput input = BertInput.of(1, 5, 9, 2, 77);
        Tensor expected;
        BertModel there;
        try (BertModel model = BertModel.fromPretrained(MODELS.resolve("base"), CPU)) {
            expected = model.forward(input).lastHiddenState();
            there = model.to("opencl");
            assertNotSame(model, there);
        }
        try (there) {
            assertTrue(there.backend().device().startsWith("opencl:"), there.backend().device());
            assertSame(there, there.to("opencl"));
            assertSame(there, there.to(there.backend().device()));
            Bits.assertSame(expected, there.forward(input).lastHiddenState(), "on the device");
            try (BertModel back = there.to("cpu")) {
                assertEquals("cpu", back.backend().device());
                Bits.assertSame(expected, back.forward(input).lastHiddenState(), "back again");
            }
            try (BertModel pruned = there.pruneHeads(Map.of(0, Set.of(1)))) {
                assertEquals(there.backend().device(), pruned.backend().device());
            }
        }
    }

    @Test
    void aDeviceThatIsNotThereIsRefused() throws Exception {
        OpenClDevices.require();
        try (BertModel model = BertModel.fromPretrained(MODELS.resolve("base"), CPU)) {
            assertEquals("The backend 'opencl:999', which the caller asks for, cannot be had: there is no device 999,"
                    + " but " + Devices.all().size() + ", counted from 0; 'bert devices' lists them.",
                    refused(model, IllegalStateException.class, "opencl:999"));
        }
    }

    @Test
    void otherDevicesAreRefusedByName() throws Exception {
        try (BertModel model = BertModel.fromPretrained(MODELS.resolve("base"))) {
            for (String device : new String[] {"opencl:", "opencl:x", "opencl:-1", "opencl:0:1", "opencl:fp8",
                "opencl:tf32:0"}) {
                assertEquals("'" + device + "' names no device: after 'opencl:' must come the number of one, from 0, or"
                        + " a precision (bf16, tf32, tf32x3), or both, as in opencl:0:tf32.",
                        refused(model, IllegalArgumentException.class, device));
            }
            assertEquals("'cpu:0' names no device: 'cpu' has no number.",
                    refused(model, IllegalArgumentException.class, "cpu:0"));
            for (String device : new String[] {"cuda", "", "gpu:1", "cpux"}) {
                assertEquals("There is no device '" + device + "'; devices known: cpu, opencl, auto.",
                        refused(model, IllegalArgumentException.class, device));
            }
        }
    }

    /** A model that has no room on the device which auto took runs on the CPU; one that was asked for does not. */
    @Test
    void withoutRoomOnTheDeviceAutoTakesTheCpu() throws Exception {
        Path folder = MODELS.resolve("base");
        BertInput input = BertInput.of(1, 5, 9, 2, 77);
        Tensor expected;
        try (BertModel model = BertModel.fromPretrained(folder, CPU)) {
            expected = model.forward(input).lastHiddenState();
        }
        List<Backend> tried = new ArrayList<>();
        PreTrainedModel.Factory<BertModel> onlyTheFirstIsFull = (loaded, loader) -> {
            tried.add(loaded.runtime().backend());
            BertModel model = BertModel.make(loaded, loader, loader.root(), true, true);
            if (tried.size() == 1) {
                throw new DeviceMemoryException("The device is full.");
            }
            return model;
        };
        try (BertModel model = PreTrainedModel.load(folder, LoadOptions.defaults().withBackend("auto"), "BertModel",
                false, onlyTheFirstIsFull)) {
            assertEquals(2, tried.size());
            assertSame(tried.get(1), model.backend());
            assertEquals("cpu", model.backend().device());
            Bits.assertSame(expected, model.forward(input).lastHiddenState(), "on the other");
        }
        for (String asked : OpenClDevices.any() ? List.of("cpu", "vector", "opencl") : List.of("cpu", "vector")) {
            tried.clear();
            assertEquals("The device is full.", assertThrows(DeviceMemoryException.class,
                    () -> PreTrainedModel.load(folder, LoadOptions.defaults().withBackend(asked), "BertModel", false,
                            onlyTheFirstIsFull)).getMessage());
            assertEquals(1, tried.size());
            if (asked.equals("opencl")) {
                assertEquals("The backend is closed.",
                        assertThrows(IllegalStateException.class, () -> tried.getFirst().open(1)).getMessage());
            }
        }
    }
}
