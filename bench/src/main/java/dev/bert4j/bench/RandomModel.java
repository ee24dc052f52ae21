package dev.bert4j.bench;

import dev.bert4j.BertConfig;
import dev.bert4j.BertModel;
import dev.bert4j.LoadOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A BERT-base of random weights without any package of Python: what the weights are changes no time. */
public final class RandomModel {
    private static final long SEED = 7;
    private static final Logger LOG = Logger.getLogger("dev.bert4j");

    private RandomModel() {
    }

    /** That of BERT-base, said in full for who reads the file. */
    private static BertConfig config() {
        return BertConfig.defaults().with("vocab_size", 30522).with("hidden_size", 768).with("num_hidden_layers", 12)
                .with("num_attention_heads", 12).with("intermediate_size", 3072).with("layer_norm_eps", 1e-12);
    }

    /** Makes it, in the folder named. */
    public static void main(String[] args) throws IOException {
        // That all weights are new is no news here.
        LOG.setLevel(Level.OFF);
        Path empty = Files.createTempDirectory("empty");
        byte[] header = "{}      ".getBytes(StandardCharsets.US_ASCII);
        Path weights = Files.write(empty.resolve("model.safetensors"), ByteBuffer.allocate(8 + header.length)
                .order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header).array());
        try (BertModel model = BertModel.fromPretrained(empty, LoadOptions.defaults().withConfig(config())
                .withInitSeed(SEED).withBackend("cpu"))) {
            model.savePretrained(Path.of(args[0]));
        } finally {
            Files.delete(weights);
            Files.delete(empty);
        }
    }
}
