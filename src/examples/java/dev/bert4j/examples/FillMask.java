/*
 * Fills in masked words: the likeliest ones for every [MASK] of some texts, and how likely each of some words is.
 *
 *     java --module-path target/bert4j.jar:target/lib --add-modules dev.bert4j \
 *         src/examples/java/dev/bert4j/examples/FillMask.java [MODEL [TEXT…]]
 *
 * MODEL is a folder, or a name at the hub such as google-bert/bert-base-uncased; by default it is the small model among
 * the sources.
 */
package dev.bert4j.examples;

import dev.bert4j.pipeline.FillMaskOptions;
import dev.bert4j.pipeline.FillMaskPipeline;
import dev.bert4j.pipeline.FillMaskPipeline.Prediction;
import dev.bert4j.pipeline.Pipelines;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

final class FillMask {
    private FillMask() {
    }

    static void main(String[] args) throws IOException {
        String model = args.length > 0 ? args[0] : "src/models/demo";
        List<String> texts = args.length > 1 ? List.of(args).subList(1, args.length)
                : List.of("Nice to [MASK] you.", "[MASK] drinks a cup of [MASK].");
        try (FillMaskPipeline fillMask = Pipelines.from(model).fillMask()) {
            // All texts in one call: they share batches, and a stream would do as well as a list.
            List<List<List<Prediction>>> answers = fillMask.apply(texts, FillMaskOptions.defaults().withTopK(3));
            for (int i = 0; i < texts.size(); i++) {
                System.out.println(texts.get(i));
                for (List<Prediction> mask : answers.get(i)) {
                    mask.forEach(p -> System.out.printf(Locale.ROOT, "  %.4f  %-8s %s%n", p.score(), p.tokenStr(),
                            p.sequence()));
                    System.out.println();
                }
            }
            String text = "She drinks a cup of [MASK].";
            System.out.println(text + " Tea, wine or sand?");
            FillMaskOptions choice = FillMaskOptions.defaults().withTargets(List.of("tea", "wine", "sand"));
            fillMask.apply(text, choice).getFirst()
                    .forEach(p -> System.out.printf(Locale.ROOT, "  %.6f  %s%n", p.score(), p.tokenStr()));
        }
    }
}
