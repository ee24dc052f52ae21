package dev.bert4j.cli;

import dev.bert4j.sentence.SentenceOptions;
import picocli.CommandLine.Option;

/** The options of commands that make vectors of texts. */
final class SentenceArguments {
    @Option(names = "--prompt", paramLabel = "TEXT", description = "Put this before each text.")
    private String prompt;

    @Option(names = "--prompt-name", paramLabel = "NAME",
            description = "Put this prompt of the model before each text.")
    private String promptName;

    @Option(names = "--normalize", description = "Give vectors the length 1.")
    private boolean normalize;

    @Option(names = "--dim", paramLabel = "N", description = "Keep the first N values only.")
    private Integer dim;

    SentenceArguments() {
    }

    SentenceOptions options(int batchTokens) {
        if (dim != null && dim < 1) {
            throw new IllegalArgumentException("--dim must be at least 1, not " + dim + ".");
        }
        if (prompt != null && promptName != null) {
            throw new IllegalArgumentException("Give --prompt or --prompt-name, not both.");
        }
        return new SentenceOptions(prompt, promptName, normalize, dim == null ? 0 : dim, batchTokens);
    }
}
