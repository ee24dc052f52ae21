package dev.bert4j;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Models of any class, by its name. */
final class TestModels {
    private TestModels() {
    }

    /** Opens a folder as that class, whatever its config names. */
    static PreTrainedModel open(String type, Path folder, LoadOptions options) throws IOException {
        BertConfig config = options.config() != null ? options.config() : BertConfig.fromPretrained(folder);
        return AutoModel.fromPretrained(folder, options.withConfig(config.with("architectures", List.of(type))));
    }

    /** What a model answers to inputs, as a list of each input's tuple. */
    static List<List<Object>> answers(PreTrainedModel model, List<BertInput> inputs) {
        List<List<Object>> answers = new ArrayList<>();
        switch (model) {
            case BertModel m -> m.forward(inputs).forEach(output -> answers.add(output.toTuple()));
            case BertForPreTraining m -> m.forward(inputs).forEach(output -> answers.add(output.toTuple()));
            case BertLMHeadModel m -> m.forward(inputs).forEach(output -> answers.add(output.toTuple()));
            case BertForMaskedLM m -> m.forward(inputs).forEach(output -> answers.add(output.toTuple()));
            case BertForNextSentencePrediction m -> m.forward(inputs).forEach(output -> answers.add(output.toTuple()));
            case BertForSequenceClassification m -> m.forward(inputs).forEach(output -> answers.add(output.toTuple()));
            case BertForMultipleChoice m -> m.forward(inputs).forEach(output -> answers.add(output.toTuple()));
            case BertForTokenClassification m -> m.forward(inputs).forEach(output -> answers.add(output.toTuple()));
            case BertForQuestionAnswering m -> m.forward(inputs).forEach(output -> answers.add(output.toTuple()));
            default -> throw new AssertionError("no call for " + model.getClass());
        }
        return answers;
    }

    /** Demands the same tensors, to the last bit, in two tuples. */
    static void assertSame(List<?> expected, List<?> actual, String what) {
        if (expected.size() != actual.size()) {
            throw new AssertionError(what + ": " + actual.size() + " fields instead of " + expected.size());
        }
        for (int i = 0; i < expected.size(); i++) {
            switch (expected.get(i)) {
                case Tensor tensor -> Bits.assertSame(tensor, (Tensor) actual.get(i), what + ", field " + i);
                case List<?> list -> assertSame(list, (List<?>) actual.get(i), what + ", field " + i);
                default -> throw new AssertionError("no comparison for " + expected.get(i));
            }
        }
    }
}
