/*
 * A notebook's walk through BERT, cell by cell, in Java: the tokenizer, the model as it prints itself, its inputs, its
 * submodules called one by one, its outputs, and the likeliest words for a mask. Above each cell stands its Python.
 *
 *     java --module-path target/bert4j.jar:target/lib --add-modules dev.bert4j \
 *         src/examples/java/dev/bert4j/examples/SeedNotebook.java [MODEL]
 *
 * MODEL is a folder, or a name at the hub such as google-bert/bert-base-cased; by default it is the small model among
 * the sources.
 */
package dev.bert4j.examples;

import dev.bert4j.BertForMaskedLM;
import dev.bert4j.BertInput;
import dev.bert4j.BertModel;
import dev.bert4j.BertTokenizer;
import dev.bert4j.Encoding;
import dev.bert4j.LoadOptions;
import dev.bert4j.Tensor;
import dev.bert4j.pipeline.FillMaskPipeline;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

final class SeedNotebook {
    private SeedNotebook() {
    }

    private static void cell(String python, Object shown) {
        System.out.println(">>> " + python + System.lineSeparator() + shown + System.lineSeparator());
    }

    static void main(String[] args) throws IOException {
        String name = args.length > 0 ? args[0] : "src/models/demo";
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(name);
        // A pooler that the file lacks gets random weights, as in Python; there they differ from time to time.
        try (BertModel loaded = BertModel.fromPretrained(name, LoadOptions.defaults().withInitSeed(0))) {
            cell("model", loaded);
            cell("model.embeddings", loaded.embeddings());
            cell("tokenizer", tokenizer);

            Encoding inputs = tokenizer.encode("A dog chases a fox");
            cell("inputs['input_ids']", Arrays.toString(inputs.ids()));
            cell("inputs['token_type_ids']", Arrays.toString(inputs.typeIds()));
            cell("inputs['attention_mask']", Arrays.toString(inputs.attentionMask()));
            cell("tokenizer.convert_ids_to_tokens(inputs['input_ids'])", inputs.tokens());

            try (BertModel model = loaded.to("auto")) {
                cell("model.to(device)", model.backend().name() + ", " + model.backend().description());
                BertInput input = BertInput.of(inputs);
                var outputs = model.forward(input);
                cell("[o.shape for o in model(**inputs).to_tuple()]", outputs.toTuple());

                Tensor e = model.embeddings().forward(input);
                cell("e = model.embeddings(inputs['input_ids'], inputs['token_type_ids'])", some(e));
                Tensor o = model.encoder().forward(e, null, null, false, false).lastHiddenState();
                cell("o = model.encoder(e); o.last_hidden_state", some(o));
                for (int i = 0; i < model.encoder().layer().size(); i++) {
                    e = model.encoder().layer().get(i).forward(e, null, null, false).hiddenStates();
                }
                cell("the layers one by one give the same", Arrays.equals(e.data(), o.data()));
                cell("model.pooler(o)", some(model.pooler().forward(o)));
            }
        }
        try (BertForMaskedLM model = BertForMaskedLM.fromPretrained(name)) {
            Encoding masked = tokenizer.encode("Nice to [MASK] you");
            cell("tokens", masked.tokens());
            cell("predictions.shape", model.forward(BertInput.of(masked)).logits());
            System.out.println(">>> torch.topk(torch.softmax(predictions[0, masked_index], -1), 10)");
            new FillMaskPipeline(model, tokenizer).apply("Nice to [MASK] you", 10).getFirst()
                    .forEach(p -> System.out.printf(Locale.ROOT, "%-10s %.4f%n", p.tokenStr(), p.score()));
        }
    }

    /** The shape of a tensor and the first values of its first row. */
    private static String some(Tensor tensor) {
        return tensor + " " + Arrays.toString(Arrays.copyOf(tensor.data(), 3));
    }
}
