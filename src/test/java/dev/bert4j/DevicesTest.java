package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DevicesTest {
    private static final Path MODELS = Golden.resources().resolve("models");

    private static String refused(PreTrainedModel model, Class<? extends RuntimeException> type, String device) {
        return assertThrows(type, () -> model.to(device)).getMessage();
    }

    @Test
    void aModelIsOnTheCpuAndStaysThere() throws Exception {
        try (BertModel model = BertModel.fromPretrained(MODELS.resolve("base")).to("cpu");
                BertForMaskedLM masked = BertForMaskedLM.fromPretrained(MODELS.resolve("head_masked_lm"))) {
            assertSame(model, model.to("auto"));
            assertSame(masked, masked.to(" CPU "));
        }
    }

    @Test
    void otherDevicesAreRefusedByName() throws Exception {
        try (BertModel model = BertModel.fromPretrained(MODELS.resolve("base"))) {
            for (String device : new String[] {"opencl", "opencl:0", "OpenCL:12"}) {
                assertEquals("There is no backend for the device '" + device
                        + "' in this version; devices known: cpu, auto.",
                        refused(model, UnsupportedOperationException.class, device));
            }
            for (String device : new String[] {"opencl:", "opencl:x", "opencl:-1", "opencl:0:1"}) {
                assertEquals("'" + device + "' names no device: after 'opencl:' must come the number of one, from 0, as"
                        + " in opencl:0.", refused(model, IllegalArgumentException.class, device));
            }
            assertEquals("'cpu:0' names no device: 'cpu' has no number.",
                    refused(model, IllegalArgumentException.class, "cpu:0"));
            for (String device : new String[] {"cuda", "", "gpu:1", "cpux"}) {
                assertEquals("There is no device '" + device + "'; devices known: cpu, auto.",
                        refused(model, IllegalArgumentException.class, device));
            }
        }
    }
}
