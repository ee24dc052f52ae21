package dev.bert4j;

import dev.bert4j.json.Json;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.SafetensorsWriter;
import dev.bert4j.weights.WeightTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes model folders of any size with random weights. */
final class MadeModel {
    private MadeModel() {
    }

    /** Writes a BertModel of that config, matrices before vectors, and returns its folder. */
    static Path write(Path folder, Map<String, Object> keys, DType type) throws IOException {
        Files.createDirectories(folder);
        Map<String, Object> config = new LinkedHashMap<>(keys);
        config.put("model_type", "bert");
        Files.writeString(folder.resolve(BertConfig.FILE), Json.write(config));
        Path file = folder.resolve("model.safetensors");
        new SafetensorsWriter().write(file);
        SafetensorsWriter writer = new SafetensorsWriter();
        LoadOptions options = LoadOptions.defaults().withBackend("reference").withThreads(1).withInitSeed(7);
        try (BertModel model = BertModel.fromPretrained(folder, options)) {
            List<Map.Entry<String, WeightTensor>> tensors = new ArrayList<>(model.namedParameters().entrySet());
            tensors.sort(Comparator.comparing(entry -> -entry.getValue().rank()));
            for (Map.Entry<String, WeightTensor> entry : tensors) {
                WeightTensor tensor = entry.getValue();
                writer.add(entry.getKey(), type.name(), Arrays.stream(tensor.shape()).boxed().toList(),
                        bytes(tensor.toFloatArray(), type));
            }
        }
        writer.write(file);
        return folder;
    }

    private static byte[] bytes(float[] values, DType type) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * type.bits() / 8).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            if (type == DType.F16) {
                bytes.putShort(Float.floatToFloat16(value));
            } else if (type == DType.BF16) {
                bytes.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
            } else {
                bytes.putFloat(value);
            }
        }
        return bytes.array();
    }
}
