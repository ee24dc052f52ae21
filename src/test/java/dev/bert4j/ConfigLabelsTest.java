package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.weights.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Labels in config.json: names, numbers, their contradictions, and what they are used for. */
class ConfigLabelsTest {
    private static final Map<String, Object> THREE = Map.of("0", "a", "1", "b", "2", "c");

    @TempDir
    Path folder;

    private BertConfig read(String json) throws IOException {
        Files.writeString(folder.resolve("config.json"), json);
        return BertConfig.fromPretrained(folder);
    }

    @Test
    void withoutNamesThereAreTwoLabelsOrTheNumberGiven() throws Exception {
        for (BertConfig config : List.of(BertConfig.defaults(), read("{\"id2label\": null}"),
                read("{\"label2id\": {\"x\": 0}}"))) {
            assertEquals(2, config.numLabels());
            assertEquals(Map.of(0, "LABEL_0", 1, "LABEL_1"), config.id2label());
            assertEquals(Map.of("LABEL_0", 0, "LABEL_1", 1), config.label2id());
        }
        assertEquals("{0=LABEL_0, 1=LABEL_1, 2=LABEL_2}", read("{\"num_labels\": 3}").id2label().toString());
        assertEquals(3, read("{\"num_labels\": 3}").numLabels());
    }

    @Test
    void namesAreSortedByNumber() throws Exception {
        StringBuilder json = new StringBuilder();
        for (int id = 11; id >= 0; id--) {
            json.append('"').append(id).append("\": \"L").append(id).append(id == 0 ? "\"" : "\", ");
        }
        BertConfig config = read("{\"id2label\": {" + json + "}}");
        assertEquals(12, config.numLabels());
        assertEquals(0, config.id2label().firstKey());
        assertEquals("L10", List.copyOf(config.id2label().values()).get(10));
        assertEquals(11, config.label2id().get("L11"));
        assertThrows(UnsupportedOperationException.class, () -> config.id2label().clear());
        assertThrows(UnsupportedOperationException.class, () -> config.label2id().clear());
        String both = "{\"id2label\": {\"0\": \"a\"}, \"label2id\": {\"other\": 7}}";
        assertEquals(Map.of("other", 7), read(both).label2id());
        assertEquals(Map.of(0, "7"), read("{\"id2label\": {\"0\": 7}}").id2label());
    }

    /** In a JVM of its own, which logs as a program does that sets nothing up. */
    @Test
    void namesWinOverTheNumberWithOneWarning() throws Exception {
        Path file = folder.resolve("config.json");
        Files.writeString(file, "{\"num_labels\": 5, \"id2label\": {\"0\": \"a\", \"1\": \"b\", \"2\": \"c\"}, "
                + "\"architectures\": [\"BertModel\"]}");
        String output = ChildJvm.run(List.of(), Map.of(), Reading.class, folder.toString()).output();
        List<String> lines = output.lines().filter(line -> line.contains("WARNING")).toList();
        String warning = "WARNING: " + file + ": num_labels is 5 but id2label names 3; the names count.";
        assertEquals(List.of(warning, warning), lines, "one for the config, one for the model");
        assertTrue(output.contains("labels 3, 3") && output.contains("no weights"), output);
        Files.writeString(file, "{\"num_labels\": 1, \"id2label\": {\"0\": \"a\"}}");
        output = ChildJvm.run(List.of(), Map.of(), Reading.class, folder.toString()).output();
        assertEquals("labels 1, 1", output.strip());
    }

    /** Reads a config, changes a key that has nothing to do with labels, and opens a folder that has no weights. */
    static final class Reading {
        private Reading() {
        }

        public static void main(String[] args) throws IOException {
            BertConfig config = BertConfig.fromPretrained(Path.of(args[0]));
            System.out.println("labels " + config.numLabels() + ", " + config.with("vocab_size", 10).numLabels());
            if (!config.architectures().isEmpty()) {
                try (PreTrainedModel model = AutoModel.fromPretrained(Path.of(args[0]))) {
                    System.out.println(model);
                } catch (CheckpointException e) {
                    System.out.println("no weights");
                }
            }
        }
    }

    @Test
    void aMapThatWasGivenMayChange() {
        Map<String, Object> names = new HashMap<>(Map.of("0", "a", "1", "b"));
        BertConfig config = BertConfig.defaults().with("id2label", names).with("eos_token_id", List.of(1, 2));
        names.put("2", "c");
        assertEquals(Map.of("0", "a", "1", "b"), config.values().get("id2label"));
        assertEquals(Set.of(1, 2), config.eosTokenIds());
    }

    @Test
    void whatIsChangedCounts() {
        BertConfig named = BertConfig.defaults().with("id2label", THREE)
                .with("label2id", Map.of("a", 0, "b", 1, "c", 2));
        assertEquals(3, named.numLabels());
        BertConfig five = named.with("num_labels", 5);
        assertEquals(5, five.numLabels());
        assertEquals("LABEL_4", five.id2label().get(4));
        assertFalse(five.values().containsKey("id2label"));
        assertFalse(five.values().containsKey("label2id"));
        assertEquals("c", named.with("num_labels", 3).id2label().get(2), "they agree");
        BertConfig again = five.with("id2label", THREE);
        assertEquals(3, again.numLabels());
        assertEquals(Map.of("a", 0, "b", 1, "c", 2), again.label2id());
        assertFalse(again.values().containsKey("num_labels"));
        assertEquals(2, again.with("id2label", null).numLabels());
    }

    @Test
    void numbersThatContradictTheNamesAreNotSet() {
        BertConfig named = BertConfig.defaults().with("id2label", Map.of("0", "a"));
        assertEquals("the default config: label2id is {b=0} but must be what id2label says turned round, {a=0}; change "
                + "id2label, which label2id follows.", assertThrows(IllegalArgumentException.class,
                        () -> named.with("label2id", Map.of("b", 0))).getMessage());
        assertThrows(IllegalArgumentException.class,
                () -> BertConfig.defaults().with("label2id", Map.of("a", 0, "b", 1)));
        assertEquals(Map.of("a", 0), named.with("label2id", null).label2id());
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "[\"a\"]", "{}", "{\"1\": \"a\"}", "{\"0\": \"a\", \"2\": \"b\"}", "{\"0\": true}",
        "{\"zero\": \"a\"}", "{\"0\": null}", "{\"00\": \"a\"}", "{\"-1\": \"a\"}", "{\"4294967296\": \"a\"}"})
    void namesThatAreNone(String json) {
        String message = assertThrows(IllegalArgumentException.class, () -> read("{\"id2label\": " + json + "}"))
                .getMessage();
        assertEquals(" but must be an object that names all labels from 0 on, as in {\"0\": \"NEGATIVE\", \"1\": "
                + "\"POSITIVE\"}.", message.substring(message.indexOf(" but")));
        assertTrue(message.startsWith(folder.resolve("config.json") + ": id2label is "), message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{\"num_labels\": 0} | num_labels is 0 but must be an integer of at least 1.",
        "{\"num_labels\": \"2\", \"id2label\": {\"0\": \"a\"}} "
                + "| num_labels is '2' but must be an integer of at least 1.",
        "{\"label2id\": [1]} | label2id is [1] but must be an object of labels and their numbers, as in "
                + "{\"NEGATIVE\": 0, \"POSITIVE\": 1}.",
        "{\"label2id\": {\"a\": \"0\"}} | label2id is {a=0} but must be an object of labels and their numbers, as in "
                + "{\"NEGATIVE\": 0, \"POSITIVE\": 1}.",
        "{\"problem_type\": \"foo\"} | problem_type is 'foo' but must be one of regression, "
                + "single_label_classification, multi_label_classification.",
        "{\"problem_type\": 1} | problem_type is 1 but must be one of regression, single_label_classification, "
                + "multi_label_classification.",
        "{\"classifier_dropout\": \"no\"} | classifier_dropout is 'no' but must be a number.",
        "{\"position_embedding_type\": null} | position_embedding_type is null but must be one of absolute, "
                + "relative_key, relative_key_query."
    })
    void otherKeysThatAreWrong(String json, String sentence) {
        assertEquals(folder.resolve("config.json") + ": " + sentence,
                assertThrows(IllegalArgumentException.class, () -> read(json)).getMessage());
    }

    @Test
    void problemTypeAndDropout() throws Exception {
        assertNull(BertConfig.defaults().problemType());
        assertNull(read("{\"problem_type\": null}").problemType());
        assertEquals("regression", read("{\"problem_type\": \"regression\"}").problemType());
        assertEquals(0.1, BertConfig.defaults().classifierDropout());
        assertEquals(0.4, read("{\"classifier_dropout\": null, \"hidden_dropout_prob\": 0.4}").classifierDropout());
        assertEquals(0.0, read("{\"classifier_dropout\": 0.0, \"hidden_dropout_prob\": 0.4}").classifierDropout());
    }
}
