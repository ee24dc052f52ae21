package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.model.BertModule;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.WeightTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Modules and parameters by their paths. */
class ModuleSurgeryTest {
    private static final Path MODELS = Golden.resources().resolve("models");

    private static BertModel base() throws Exception {
        return BertModel.fromPretrained(MODELS.resolve("base"));
    }

    private static BertForMaskedLM masked(String name) throws Exception {
        return BertForMaskedLM.fromPretrained(MODELS.resolve(name));
    }

    @Test
    void aPathLeadsToAModule() throws Exception {
        try (BertModel model = base()) {
            assertSame(model.encoder().layer().get(1).attention().self(),
                    model.getSubmodule("encoder.layer.1.attention.self"));
            assertSame(model, model.getSubmodule(""));
            assertEquals("Linear(in_features=60, out_features=60, bias=True)",
                    model.encoder().getSubmodule("layer.0.attention.self.key").toString());
        }
    }

    @Test
    void anUnknownPathSaysWhatThereIs() throws Exception {
        try (BertModel model = base()) {
            refused(model, "encoder.layer.12.attention",
                    "There is no module '12' in ModuleList at 'encoder.layer'; it has 0, 1, 2.");
            refused(model, "bert", "There is no module 'bert' in BertModel; it has embeddings, encoder, pooler.");
            refused(model, "encoder.layer.0.attention.self.query.weight", "There is no module 'weight' in Linear at"
                    + " 'encoder.layer.0.attention.self.query'; it has no modules.");
            refused(model, "encoder.", "There is no module '' in BertEncoder at 'encoder'; it has layer.");
            assertEquals("There is no parameter 'scale' in LayerNorm at 'embeddings.LayerNorm'; it has weight, bias of"
                    + " its own.", assertThrows(IllegalArgumentException.class,
                            () -> model.getParameter("embeddings.LayerNorm.scale")).getMessage());
            assertEquals("There is no parameter 'weight' in BertModel; it has no parameters of its own.",
                    assertThrows(IllegalArgumentException.class, () -> model.getParameter("weight")).getMessage());
        }
    }

    private static void refused(BertModule model, String path, String sentence) {
        assertEquals(sentence, assertThrows(IllegalArgumentException.class, () -> model.getSubmodule(path))
                .getMessage());
    }

    @Test
    void modulesComeBeforeTheirParts() throws Exception {
        try (BertForMaskedLM model = masked("head_masked_lm")) {
            List<String> names = new ArrayList<>(model.namedModules().keySet());
            assertEquals(List.of("", "bert", "bert.embeddings", "bert.embeddings.word_embeddings"),
                    names.subList(0, 4));
            assertEquals(List.of("cls", "cls.predictions", "cls.predictions.transform",
                    "cls.predictions.transform.dense", "cls.predictions.transform.transform_act_fn",
                    "cls.predictions.transform.LayerNorm", "cls.predictions.decoder"),
                    names.subList(names.size() - 7, names.size()));
            model.namedModules().forEach((name, module) -> assertSame(module, model.getSubmodule(name)));
        }
    }

    @Test
    void parametersAreThoseOfTheReferenceAndTiedOnesAppearOnce() throws Exception {
        try (BertForMaskedLM model = masked("head_masked_lm")) {
            List<String> names = new ArrayList<>(model.namedParameters().keySet());
            assertEquals(List.of("bert.embeddings.word_embeddings.weight", "bert.embeddings.position_embeddings.weight",
                    "bert.embeddings.token_type_embeddings.weight", "bert.embeddings.LayerNorm.weight",
                    "bert.embeddings.LayerNorm.bias", "bert.encoder.layer.0.attention.self.query.weight"),
                    names.subList(0, 6));
            assertEquals(List.of("cls.predictions.bias", "cls.predictions.transform.dense.weight",
                    "cls.predictions.transform.dense.bias", "cls.predictions.transform.LayerNorm.weight",
                    "cls.predictions.transform.LayerNorm.bias"), names.subList(names.size() - 5, names.size()));
            assertSame(model.bert().namedParameters().get("embeddings.word_embeddings.weight"),
                    model.namedParameters().get("bert.embeddings.word_embeddings.weight"));
            Bits.assertSame(model.getParameter("bert.embeddings.word_embeddings.weight"),
                    model.getParameter("cls.predictions.decoder.weight"), "tied weight");
            Bits.assertSame(model.getParameter("cls.predictions.bias"),
                    model.getParameter("cls.predictions.decoder.bias"), "tied bias");
        }
        try (BertForMaskedLM model = masked("mlm_untied")) {
            List<String> names = new ArrayList<>(model.namedParameters().keySet());
            assertEquals("cls.predictions.decoder.weight", names.getLast());
        }
    }

    @Test
    void parametersHaveShapeTypeAndValues() throws Exception {
        try (BertModel model = BertModel.fromPretrained(MODELS.resolve("dtype_f16"))) {
            String path = "encoder.layer.0.intermediate.dense.weight";
            WeightTensor weight = model.namedParameters().get(path);
            assertEquals(DType.F16, weight.dtype());
            Tensor values = model.getParameter(path);
            assertEquals(Arrays.toString(weight.shape()), Arrays.toString(values.shape()));
            for (int i = 0; i < values.data().length; i++) {
                assertEquals(weight.get(i), values.data()[i]);
            }
            long count = model.namedParameters().values().stream().map(WeightTensor::numElements).reduce(0L, Long::sum);
            assertEquals(count, model.numParameters());
        }
    }

    @Test
    void aClosedModelGivesNoValues() throws Exception {
        BertForMaskedLM model = BertForMaskedLM.fromPretrained(MODELS.resolve("bare"),
                LoadOptions.defaults().withInitSeed(1));
        Map<String, WeightTensor> all = model.namedParameters();
        model.close();
        all.forEach((name, weight) -> {
            String said = assertThrows(IllegalStateException.class, () -> model.getParameter(name)).getMessage();
            assertTrue(said.endsWith("cannot be read: its model is closed"), said);
        });
    }
}
