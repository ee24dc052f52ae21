package dev.bert4j.backend.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.bert4j.BertInput;
import dev.bert4j.BertLMHeadModel;
import dev.bert4j.GenerationOptions;
import dev.bert4j.Golden;
import dev.bert4j.LoadOptions;
import dev.bert4j.PastKeyValues;
import dev.bert4j.Tensor;
import dev.bert4j.backend.OpenClDevices;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A language model writes on a device what it writes on the CPU, and leaves nothing there. */
class DeviceGenerationTest {
    private static final Path MODELS = Golden.resources().resolve("models");
    private static final GenerationOptions OPTIONS = GenerationOptions.greedy().withMaxLength(40);

    @BeforeEach
    void device() {
        OpenClDevices.require();
    }

    private static BertLMHeadModel open(String name, String backend) throws Exception {
        return BertLMHeadModel.fromPretrained(MODELS.resolve(name), LoadOptions.defaults().withBackend(backend));
    }

    /** Prompts of several lengths, one with padding, so that texts end at different times. */
    private static List<BertInput> prompts(BertLMHeadModel model, boolean crossed) {
        List<BertInput> prompts = new ArrayList<>(List.of(BertInput.of(5, 17, 3), BertInput.of(9),
                BertInput.of(0, 0, 5, 17, 3).withAttentionMask(new int[][] {{0, 0, 1, 1, 1}}),
                BertInput.of(1).withInputIds(new int[][] {{1, 2, 3, 4, 5, 6, 7}, {7, 6, 5, 4, 3, 2, 1}})));
        int size = model.config().hiddenSize();
        for (int i = 0; crossed && i < prompts.size(); i++) {
            int texts = prompts.get(i).inputIds().length;
            float[] states = new float[texts * (3 + i) * size];
            Random random = new Random(i);
            for (int j = 0; j < states.length; j++) {
                states[j] = (float) random.nextGaussian();
            }
            prompts.set(i, prompts.get(i).withEncoderHiddenStates(Tensor.of(states, texts, 3 + i, size)));
        }
        return prompts;
    }

    @Test
    void writesWhatTheCpuWritesAndLeavesNothing() throws Exception {
        for (String name : List.of("decoder_self", "decoder_cross")) {
            try (BertLMHeadModel cpu = open(name, "vector"); BertLMHeadModel gpu = open(name, "opencl")) {
                List<BertInput> prompts = prompts(cpu, name.equals("decoder_cross"));
                List<int[][]> expected = cpu.generate(prompts, OPTIONS);
                int live = 0;
                for (int i = 0; i < 3; i++) {
                    List<int[][]> written = gpu.generate(prompts, OPTIONS);
                    for (int j = 0; j < expected.size(); j++) {
                        assertArrayEquals(expected.get(j), written.get(j), name + ", prompt " + j);
                    }
                    if (i > 0) {
                        assertEquals(live, DeviceContext.live());
                    }
                    live = DeviceContext.live();
                }
            }
        }
    }

    /** From one text that was kept, several calls at a time go on, and what the prompt came with stays whole. */
    @Test
    void manyGoOnFromOneAtATime() throws Exception {
        PastKeyValues ofGpu;
        try (BertLMHeadModel cpu = open("decoder_self", "vector"); BertLMHeadModel gpu = open("decoder_self", "opencl");
                ExecutorService callers = Executors.newFixedThreadPool(4)) {
            BertInput first = BertInput.of(5, 17, 3, 9);
            PastKeyValues ofCpu = cpu.forward(first).pastKeyValues();
            ofGpu = gpu.forward(first).pastKeyValues();
            List<Future<int[][]>> written = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                BertInput next = BertInput.of(1 + i).withPastKeyValues(ofGpu);
                written.add(callers.submit(() -> gpu.generate(next, OPTIONS)));
            }
            for (int i = 0; i < 16; i++) {
                int[][] expected = cpu.generate(BertInput.of(1 + i).withPastKeyValues(ofCpu), OPTIONS);
                assertArrayEquals(expected, written.get(i).get());
            }
            assertEquals(4, ofGpu.length());
            assertArrayEquals(ofCpu.layer(1).get(0).data(), ofGpu.layer(1).get(0).data(), 1e-4f);
            assertEquals(2, ofGpu.reorder(0, 0).layer(0).get(1).size(0));
        }
        String message = assertThrows(IllegalStateException.class, () -> ofGpu.layer(0)).getMessage();
        assertEquals(0, message.indexOf("The model is closed, and the keys and values that it kept on "), message);
    }
}
