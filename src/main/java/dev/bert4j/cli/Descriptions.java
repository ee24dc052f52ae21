package dev.bert4j.cli;

import dev.bert4j.PreTrainedModel;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.WeightTensor;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;

/** A model in a few words. */
final class Descriptions {
    private Descriptions() {
    }

    /** Class, size and types of the weights. */
    static String of(PreTrainedModel model) {
        return model.getClass().getSimpleName() + ", " + count(model.numParameters()) + " parameters, " + types(model);
    }

    /** The backend, and what it is at work with. */
    static String backend(PreTrainedModel model) {
        return model.backend().name() + " (" + model.backend().description() + ")";
    }

    /** The two lines that tell what is at work. */
    static void print(Path folder, PreTrainedModel model, PrintWriter out) {
        out.println("model    " + folder + " (" + of(model) + ")");
        out.println("backend  " + backend(model));
    }

    /** The types of the weights. */
    static String types(PreTrainedModel model) {
        return model.namedParameters().values().stream().map(WeightTensor::dtype).distinct().sorted().map(DType::name)
                .collect(Collectors.joining(" and "));
    }

    private static String count(long count) {
        return count < 100_000 ? String.valueOf(count) : String.format(Locale.ROOT, "%.1f million", count / 1e6);
    }
}
