package dev.bert4j.pipeline;

import java.util.List;

/**
 * Which labels texts may have. Immutable; each {@code with…} returns a changed copy.
 *
 * @param candidateLabels the labels, in a person's words; for a call at least one
 * @param hypothesisTemplate the sentence that is to follow from a text of a label, <code>{}</code> standing for it
 * @param multiLabel whether a text can have several of them, so that each is scored on its own
 */
public record ZeroShotOptions(List<String> candidateLabels, String hypothesisTemplate, boolean multiLabel) {
    private static final String PLACE = "{}";

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the template has no place for the label
     */
    public ZeroShotOptions {
        candidateLabels = List.copyOf(candidateLabels);
        if (!hypothesisTemplate.contains(PLACE)) {
            throw new IllegalArgumentException("The hypothesis template \"" + hypothesisTemplate
                    + "\" has no {} where the label should go.");
        }
    }

    /** One of these labels, by the sentence <code>This example is {}.</code> */
    public static ZeroShotOptions of(String... candidateLabels) {
        return of(List.of(candidateLabels));
    }

    /** One of these labels, by the sentence <code>This example is {}.</code> */
    public static ZeroShotOptions of(List<String> candidateLabels) {
        return new ZeroShotOptions(candidateLabels, "This example is " + PLACE + ".", false);
    }

    /** With other labels. */
    public ZeroShotOptions withCandidateLabels(List<String> labels) {
        return new ZeroShotOptions(labels, hypothesisTemplate, multiLabel);
    }

    /** With another sentence. */
    public ZeroShotOptions withHypothesisTemplate(String template) {
        return new ZeroShotOptions(candidateLabels, template, multiLabel);
    }

    /** With each label scored on its own, or not. */
    public ZeroShotOptions withMultiLabel(boolean several) {
        return new ZeroShotOptions(candidateLabels, hypothesisTemplate, several);
    }

    /** The sentence for a label. */
    String hypothesis(String label) {
        return hypothesisTemplate.replace(PLACE, label);
    }
}
