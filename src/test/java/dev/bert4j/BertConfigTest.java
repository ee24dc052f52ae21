package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.bert4j.backend.ActivationFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** config.json: defaults, keys of others, and values that no BERT can have. */
class BertConfigTest {
    @TempDir
    Path folder;

    private BertConfig read(String json) throws IOException {
        Files.writeString(folder.resolve("config.json"), json);
        return BertConfig.fromPretrained(folder);
    }

    @Test
    void defaultsAreThoseOfTheReference() throws Exception {
        for (BertConfig config : List.of(BertConfig.defaults(), read("{}"))) {
            assertEquals(List.of(30522, 768, 12, 12, 64, 3072, 512, 2, 0), List.of(config.vocabSize(),
                    config.hiddenSize(), config.numHiddenLayers(), config.numAttentionHeads(), config.headSize(),
                    config.intermediateSize(), config.maxPositionEmbeddings(), config.typeVocabSize(),
                    config.padTokenId()));
            assertEquals(List.of(0.02, 1e-12, 0.1, 0.1), List.of(config.initializerRange(), config.layerNormEps(),
                    config.hiddenDropoutProb(), config.attentionProbsDropoutProb()));
            assertEquals(ActivationFunction.GELU, config.hiddenAct());
            assertEquals(true, config.tieWordEmbeddings());
            assertEquals(0, config.chunkSizeFeedForward());
            assertEquals(List.of(), config.architectures());
        }
    }

    @Test
    void unknownKeysAreKept() throws Exception {
        BertConfig config = read("""
                {"model_type": "bert", "id2label": {"0": "no", "1": "yes"}, "torch_dtype": "float16", "x": null,
                 "architectures": ["BertForMaskedLM"], "pad_token_id": null, "layer_norm_eps": 1, "pruned_heads": {}}
                """);
        assertEquals(Map.of("0", "no", "1", "yes"), config.values().get("id2label"));
        assertEquals("float16", config.with("hidden_size", 24).values().get("torch_dtype"));
        assertEquals(true, config.values().containsKey("x"));
        assertEquals(List.of("BertForMaskedLM"), config.architectures());
        assertNull(config.padTokenId());
        assertEquals(1.0, config.layerNormEps());
        assertThrows(UnsupportedOperationException.class, () -> config.values().clear());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{\"hidden_size\": \"768\"} | hidden_size is '768' but must be an integer of at least 1.",
        "{\"hidden_size\": 768.5} | hidden_size is 768.5 but must be an integer of at least 1.",
        "{\"vocab_size\": 0} | vocab_size is 0 but must be an integer of at least 1.",
        "{\"vocab_size\": 3000000000} | vocab_size is 3000000000 but must be an integer of at least 1.",
        "{\"num_hidden_layers\": true} | num_hidden_layers is true but must be an integer of at least 1.",
        "{\"num_attention_heads\": 0} | num_attention_heads is 0 but must be an integer of at least 1.",
        "{\"intermediate_size\": null} | intermediate_size is null but must be an integer of at least 1.",
        "{\"max_position_embeddings\": -1} | max_position_embeddings is -1 but must be an integer of at least 1.",
        "{\"type_vocab_size\": []} | type_vocab_size is [] but must be an integer of at least 1.",
        "{\"pad_token_id\": -1} | pad_token_id is -1 but must be an integer of at least 0.",
        "{\"chunk_size_feed_forward\": \"a\"} | chunk_size_feed_forward is 'a' but must be an integer of at least 0.",
        "{\"layer_norm_eps\": \"1e-12\"} | layer_norm_eps is '1e-12' but must be a number.",
        "{\"layer_norm_eps\": -1} | layer_norm_eps is -1 but must be a number of at least 0.",
        "{\"initializer_range\": {}} | initializer_range is {} but must be a number.",
        "{\"hidden_dropout_prob\": false} | hidden_dropout_prob is false but must be a number.",
        "{\"attention_probs_dropout_prob\": null} | attention_probs_dropout_prob is null but must be a number.",
        "{\"tie_word_embeddings\": 1} | tie_word_embeddings is 1 but must be true or false.",
        "{\"hidden_act\": 3} | hidden_act is 3 but must be a string.",
        "{\"is_decoder\": 1} | is_decoder is 1 but must be true or false.",
        "{\"eos_token_id\": [102, -1]} "
                + "| eos_token_id is [102, -1] but must be an integer of at least 0, or a list of such.",
        "{\"add_cross_attention\": true} | add_cross_attention is true but must be false where is_decoder is false: "
                + "only a decoder can have it.",
        "{\"position_embedding_type\": \"relative\"} "
                + "| position_embedding_type is 'relative' but must be one of absolute, relative_key, "
                + "relative_key_query.",
        "{\"pruned_heads\": [1]} | pruned_heads is [1] but "
                + "must be an object of layers and lists of their heads, as in {\"0\": [1, 2]}.",
        "{\"pruned_heads\": {\"0\": 1}} | pruned_heads is {0=1} but "
                + "must be an object of layers and lists of their heads, as in {\"0\": [1, 2]}.",
        "{\"pruned_heads\": {\"first\": [1]}} | pruned_heads is {first=[1]} but "
                + "must be an object of layers and lists of their heads, as in {\"0\": [1, 2]}.",
        "{\"pruned_heads\": {\"12\": [1]}} | pruned_heads names layer 12, but the model has the layers 0 to 11.",
        "{\"pruned_heads\": {\"0\": [12]}} | pruned_heads names head 12 of layer 0, but a layer has the heads 0 to 11.",
        "{\"model_type\": \"roberta\"} "
                + "| model_type is 'roberta' but must be bert; other architectures need their own code.",
        "{\"hidden_size\": 30, \"num_attention_heads\": 4} "
                + "| the hidden size (30) is not a multiple of the number of attention heads (4).",
        "{\"hidden_act\": \"gelu_foo\"} "
                + "| hidden_act 'gelu_foo' is not supported; use one of gelu, gelu_10, gelu_accurate, gelu_fast, "
                + "gelu_new, gelu_python, gelu_pytorch_tanh, laplace, linear, mish, quick_gelu, relu, relu2, relu6, "
                + "sigmoid, silu, swish, tanh."
    })
    void whatNoBertHasIsRefusedWhenTheFileIsRead(String json, String sentence) {
        String message = assertThrows(IllegalArgumentException.class, () -> read(json)).getMessage();
        assertEquals(folder.resolve("config.json") + ": " + sentence, message);
    }

    @Test
    void whatIsNoObjectOrNotThere() {
        assertEquals(folder.resolve("config.json") + " must hold a JSON object.",
                assertThrows(IOException.class, () -> read("[]")).getMessage());
        assertEquals(true, assertThrows(IOException.class, () -> read("{\"a\":")).getMessage().contains("config.json"));
        Path none = folder.resolve("none");
        assertEquals("There is no model folder " + none + ".",
                assertThrows(IOException.class, () -> BertConfig.fromPretrained(none)).getMessage());
        assertEquals("There is no model folder " + none + ".",
                assertThrows(IOException.class, () -> BertModel.fromPretrained(none)).getMessage());
    }

    @Test
    void aFolderWithoutConfig() throws IOException {
        Path empty = Files.createDirectories(folder.resolve("empty"));
        assertEquals("There is no config.json in " + empty + "; a model folder has one.",
                assertThrows(IOException.class, () -> BertConfig.fromPretrained(empty)).getMessage());
        Files.writeString(empty.resolve("config.json"), "{}");
        assertEquals(true, assertThrows(IOException.class, () -> BertModel.fromPretrained(empty)).getMessage()
                .contains("the folder holds no weights: neither model.safetensors nor model.safetensors.index.json"));
    }

    @Test
    void aChangedKeyIsCheckedToo() {
        assertEquals("the default config: hidden_size is 0 but must be an integer of at least 1.",
                assertThrows(IllegalArgumentException.class, () -> BertConfig.defaults().with("hidden_size", 0))
                        .getMessage());
    }
}
