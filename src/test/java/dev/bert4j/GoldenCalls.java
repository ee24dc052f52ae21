package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.bert4j.model.BertLayer;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;

/** Calls a model as a run of the reference called it, by class and method, and compares all that it answers. */
final class GoldenCalls {
    private GoldenCalls() {
    }

    static void call(PreTrainedModel model, GoldenRun run) throws Exception {
        if (model instanceof BertLMHeadModel decoder) {
            GoldenDecoderCalls.call(decoder, run, input(run));
            return;
        }
        if (model instanceof BertModel decoder && model.config().isDecoder()) {
            GoldenDecoderCalls.call(decoder, run, input(run));
            return;
        }
        if (model instanceof BertModel bare && !run.metadata("method").equals("forward")) {
            callPart(bare, run);
            return;
        }
        assertEquals("forward", run.metadata("method"), "a method that no call is for");
        check(run, switch (model) {
            case BertModel m -> m.forward(input(run));
            case BertForPreTraining m ->
                m.forward(input(run), run.ids("labels"), run.integers("next_sentence_label"));
            case BertForMaskedLM m -> forward(m, run);
            case BertForNextSentencePrediction m -> forward(m, run);
            case BertForSequenceClassification m -> forward(m, run);
            case BertForMultipleChoice m -> forward(m, run);
            case BertForTokenClassification m -> forward(m, run);
            case BertForQuestionAnswering m ->
                m.forward(input(run), run.integers("start_positions"), run.integers("end_positions"));
            default -> throw new AssertionError("no call for the class " + model.getClass().getSimpleName());
        });
    }

    /** The arguments that all classes take. */
    private static BertInput input(GoldenRun run) throws Exception {
        return input(run, run.floats("attention_mask"));
    }

    private static BertInput input(GoldenRun run, Tensor mask) throws Exception {
        int[][] ids = run.ids("input_ids");
        BertInput input = ids != null ? BertInput.of(ids) : BertInput.ofEmbeds(run.floats("inputs_embeds"));
        input = input.withAttentionMask(mask).withTokenTypeIds(run.ids("token_type_ids"))
                .withPositionIds(run.ids("position_ids")).withHeadMask(run.floats("head_mask"));
        if (Boolean.TRUE.equals(run.object("kwargs").get("output_hidden_states"))) {
            input = input.withHiddenStates();
        }
        return Boolean.TRUE.equals(run.object("kwargs").get("output_attentions")) ? input.withAttentions() : input;
    }

    private static Record forward(BertForMaskedLM model, GoldenRun run) throws Exception {
        int[][] labels = run.ids("labels");
        return labels == null ? model.forward(input(run)) : model.forward(input(run), labels);
    }

    private static Record forward(BertForNextSentencePrediction model, GoldenRun run) throws Exception {
        int[] labels = run.integers("labels");
        return labels == null ? model.forward(input(run)) : model.forward(input(run), labels);
    }

    private static Record forward(BertForSequenceClassification model, GoldenRun run) throws Exception {
        Tensor labels = run.floats("labels");
        return labels == null ? model.forward(input(run))
                : run.isInteger("labels") ? model.forward(input(run), run.integers("labels"))
                : model.forward(input(run), labels);
    }

    /** The reference takes [questions, choices, tokens]. */
    private static Record forward(BertForMultipleChoice model, GoldenRun run) throws Exception {
        int[] shape = run.shape("input_ids");
        Tensor mask = run.floats("attention_mask");
        BertInput input = input(run, mask == null ? null : Tensor.of(mask.data(), shape[0] * shape[1], shape[2]));
        int[] labels = run.integers("labels");
        return labels == null ? model.forward(input, shape[1]) : model.forward(input, shape[1], labels);
    }

    private static Record forward(BertForTokenClassification model, GoldenRun run) throws Exception {
        int[][] labels = run.ids("labels");
        return labels == null ? model.forward(input(run)) : model.forward(input(run), labels);
    }

    /** Compares every field of an output, which has the reference's name. */
    @SuppressWarnings("unchecked")
    private static void check(GoldenRun run, Record output) throws Exception {
        for (RecordComponent component : output.getClass().getRecordComponents()) {
            String name = component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
            Object value = component.getAccessor().invoke(output);
            if (component.getType() == Tensor.class) {
                run.check(name, (Tensor) value);
            } else if (component.getType() == PastKeyValues.class) {
                assertNull(value, "only decoders keep keys and values");
            } else if (component.getType() == List.class) {
                run.check(name, (List<Tensor>) value);
            } else {
                throw new AssertionError("no comparison for the field " + name);
            }
        }
    }

    private static void callPart(BertModel model, GoldenRun run) throws Exception {
        Tensor x = run.floats("x");
        Tensor mask = run.floats("attention_mask");
        BertLayer layer = model.encoder().layer().get(0);
        String part = run.metadata("method").replaceAll("\\(.*", "");
        switch (part) {
            case "embeddings" -> {
                int past = ((Number) run.object("kwargs").getOrDefault("past_key_values_length", 0)).intValue();
                run.check("embeddings", model.embeddings().forward(input(run), past));
            }
            case "encoder" -> check(run, model.encoder().forward(x, mask, run.floats("head_mask"), true, true));
            case "encoder.layer[0]" -> check(run, "hidden", layer.forward(x, mask, null, true));
            case "encoder.layer[0].attention" -> check(run, "hidden", layer.attention().forward(x, mask, null, true));
            case "encoder.layer[0].attention.self" ->
                check(run, "context", layer.attention().self().forward(x, mask, run.floats("head_mask"), true));
            case "encoder.layer[0].attention.output" ->
                run.check("hidden", layer.attention().output().forward(x, run.floats("residual")));
            case "encoder.layer[0].intermediate" -> run.check("hidden", layer.intermediate().forward(x));
            case "encoder.layer[0].output" -> run.check("hidden", layer.output().forward(x, run.floats("residual")));
            case "pooler" -> run.check("pooled", model.pooler().forward(x));
            default -> throw new AssertionError("no call for the method " + part);
        }
    }

    private static void check(GoldenRun run, String name, AttentionOutput output) {
        run.check(name, output.hiddenStates());
        run.check("attention", output.attentions());
    }
}
