package dev.bert4j;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.OpenClDevices;
import dev.bert4j.backend.opencl.OpenClBackend;
import dev.bert4j.weights.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of any shape give on an OpenCL device what they give on the CPU: the bits, where the device is exact. */
class OpenClModelsTest {
    private static final int MODELS = 200;
    private static final int[] HEAD_SIZES = {1, 3, 8, 16, 33, 64, 130};
    /** Of 1 + |value|, where a device does not round division and square root exactly: that of the goldens. */
    private static final double TOLERANCE = 1e-4;

    @TempDir
    Path folder;

    @Test
    void twoHundredRandomModels() throws Exception {
        OpenClDevices.require();
        Random random = new Random(17);
        for (int i = 0; i < MODELS; i++) {
            Path model = MadeModel.write(folder.resolve("m" + i), config(random), i % 4 == 0 ? DType.F16 : DType.F32);
            compare(model, random, "model " + i);
        }
    }

    private static Map<String, Object> config(Random random) {
        int heads = 1 + random.nextInt(3);
        int size = heads * HEAD_SIZES[random.nextInt(HEAD_SIZES.length)];
        ActivationFunction[] functions = ActivationFunction.values();
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("hidden_size", size);
        config.put("num_attention_heads", heads);
        config.put("num_hidden_layers", 1 + random.nextInt(2));
        config.put("intermediate_size", 1 + random.nextInt(150));
        config.put("vocab_size", 50);
        config.put("max_position_embeddings", 300);
        config.put("type_vocab_size", 2);
        config.put("hidden_act", functions[random.nextInt(functions.length)].keys().getFirst());
        config.put("is_decoder", random.nextInt(4) == 0);
        config.put("position_embedding_type",
                List.of("absolute", "relative_key", "relative_key_query").get(Math.max(0, random.nextInt(6) - 3)));
        return config;
    }

    private static void compare(Path folder, Random random, String what) throws Exception {
        List<BertInput> inputs = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(4); i++) {
            int length = 1 + random.nextInt(random.nextInt(4) == 0 ? 280 : 40);
            BertInput input = BertInput.of(random.ints(length, 0, 50).toArray()).withHiddenStates().withAttentions();
            if (random.nextBoolean()) {
                int seen = 1 + random.nextInt(length);
                int[] mask = new int[length];
                Arrays.fill(mask, 0, seen, 1);
                input = input.withAttentionMask(new int[][] {mask});
            }
            inputs.add(input);
        }
        try (BertModel cpu = open(folder, "vector"); BertModel device = open(folder, "opencl")) {
            boolean exact = ((OpenClBackend) device.backend()).isExact();
            var expected = cpu.forward(inputs);
            var actual = device.forward(inputs);
            for (int i = 0; i < expected.size(); i++) {
                String which = what + ", input " + i;
                same(exact, expected.get(i).lastHiddenState(), actual.get(i).lastHiddenState(), which);
                same(exact, expected.get(i).poolerOutput(), actual.get(i).poolerOutput(), which + ", pooled");
                for (int layer = 0; layer < expected.get(i).attentions().size(); layer++) {
                    same(exact, expected.get(i).attentions().get(layer), actual.get(i).attentions().get(layer),
                            which + ", attentions of layer " + layer);
                    same(exact, expected.get(i).hiddenStates().get(layer), actual.get(i).hiddenStates().get(layer),
                            which + ", hidden states before layer " + layer);
                }
            }
        }
    }

    private static BertModel open(Path folder, String backend) throws Exception {
        return BertModel.fromPretrained(folder, LoadOptions.defaults().withBackend(backend).withThreads(1));
    }

    private static void same(boolean exact, Tensor expected, Tensor actual, String what) {
        if (exact) {
            Bits.assertSame(expected, actual, what);
        } else {
            Bits.assertClose(expected, actual, TOLERANCE, what);
        }
    }
}
