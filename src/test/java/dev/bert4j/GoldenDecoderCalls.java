package dev.bert4j;

import java.util.Arrays;
import java.util.List;

/** The calls of decoders among the runs of the reference: at once, in steps, and with a cache in a new order. */
final class GoldenDecoderCalls {
    private GoldenDecoderCalls() {
    }

    /** The class under test, called with an input; BertModel and BertLMHeadModel answer alike. */
    @FunctionalInterface
    private interface Call {
        CausalLMOutputWithCrossAttentions apply(BertInput input);
    }

    private static Call call(BertModel model) {
        return input -> {
            BaseModelOutputWithPoolingAndCrossAttentions output = model.forward(input);
            return new CausalLMOutputWithCrossAttentions(null, output.lastHiddenState(), output.pastKeyValues(),
                    output.hiddenStates(), output.attentions(), output.crossAttentions());
        };
    }

    static void call(BertModel model, GoldenRun run, BertInput input) throws Exception {
        switch (run.metadata("method").replaceAll("\\(.*", "")) {
            case "forward" -> check(run, "", "last_hidden_state", call(model).apply(decoding(run, "", input)));
            case "steps" -> steps(run, "last_hidden_state", call(model), input);
            case "encoder.layer[0].crossattention" -> {
                AttentionOutput output = model.encoder().layer().get(0).crossattention().forward(run.floats("x"),
                        run.floats("encoder_hidden_states"), null, null, true);
                run.check("hidden", output.hiddenStates());
                run.check("attention", output.attentions());
                run.check("key", output.pastKeyValue().get(0));
                run.check("value", output.pastKeyValue().get(1));
            }
            default -> throw new AssertionError("no call for the method " + run.metadata("method"));
        }
    }

    static void call(BertLMHeadModel model, GoldenRun run, BertInput input) throws Exception {
        switch (run.metadata("method").replaceAll(",.*", "")) {
            case "forward" -> {
                int[][] labels = run.ids("labels");
                BertInput decoding = decoding(run, "", input);
                CausalLMOutputWithCrossAttentions output = labels == null ? model.forward(decoding)
                        : model.forward(decoding, labels);
                run.check("loss", output.loss());
                check(run, "", "logits", output);
            }
            case "steps" -> steps(run, "logits", model::forward, input);
            case "first" -> {
                BertInput first = decoding(run, "first.", input);
                PastKeyValues kept = model.forward(first).pastKeyValues();
                Tensor beams = run.floats("beam_idx");
                PastKeyValues reordered = kept.reorder(beams.data().length == 2
                        ? new int[] {(int) beams.get(0), (int) beams.get(1)} : null);
                check(run, "reordered", reordered);
                run.check("logits", model.forward(decoding(run, "next.", input).withPastKeyValues(reordered)).logits());
            }
            default -> throw new AssertionError("no call for the method " + run.metadata("method"));
        }
    }

    /** Adds what only decoders have, and the ids and the mask of a step. */
    private static BertInput decoding(GoldenRun run, String step, BertInput input) throws Exception {
        BertInput decoding = input.withEncoderHiddenStates(run.floats("encoder_hidden_states"))
                .withEncoderAttentionMask(run.floats("encoder_attention_mask"));
        Object useCache = run.object("kwargs").get("use_cache");
        decoding = useCache == null ? decoding : decoding.withUseCache((Boolean) useCache);
        return step.isEmpty() ? decoding : decoding.withInputIds(run.ids(step + "input_ids"))
                .withAttentionMask(run.floats(step + "attention_mask"));
    }

    private static void steps(GoldenRun run, String result, Call call, BertInput input) throws Exception {
        PastKeyValues past = null;
        int[][] all = null;
        Tensor mask = null;
        for (int step = 0; run.ids("step" + step + ".input_ids") != null; step++) {
            String prefix = "step" + step + ".";
            BertInput with = decoding(run, prefix, input).withPastKeyValues(past);
            CausalLMOutputWithCrossAttentions output = call.apply(with);
            check(run, prefix, result, output);
            past = output.pastKeyValues();
            all = all == null ? with.inputIds() : joined(all, with.inputIds());
            mask = with.attentionMask();
        }
        check(run, "past_key_values", past);
        check(run, "full.", result, call.apply(decoding(run, "", input).withInputIds(all).withAttentionMask(mask)));
    }

    private static int[][] joined(int[][] before, int[][] ids) {
        int[][] all = new int[before.length][];
        for (int row = 0; row < all.length; row++) {
            all[row] = Arrays.copyOf(before[row], before[row].length + ids[row].length);
            System.arraycopy(ids[row], 0, all[row], before[row].length, ids[row].length);
        }
        return all;
    }

    private static void check(GoldenRun run, String prefix, String result, CausalLMOutputWithCrossAttentions output) {
        run.check(prefix + result, output.logits());
        run.check(prefix + "hidden_states", output.hiddenStates());
        run.check(prefix + "attentions", output.attentions());
        run.check(prefix + "cross_attentions", output.crossAttentions());
        if (prefix.isEmpty()) {
            check(run, "past_key_values", output.pastKeyValues());
        }
    }

    private static void check(GoldenRun run, String name, PastKeyValues kept) {
        for (int layer = 0; kept != null && layer < kept.numLayers(); layer++) {
            List<Tensor> tensors = kept.layer(layer);
            run.check(name + "." + layer, tensors);
        }
    }
}
