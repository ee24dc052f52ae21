package dev.bert4j.model;

/** Does nothing in inference; it is here because the reference has it and prints it. */
public final class Dropout extends BertModule {
    private final double probability;

    /** With the probability that is printed. */
    public Dropout(double probability) {
        this.probability = probability;
    }

    @Override
    protected String printedArguments() {
        return "p=" + PythonNumbers.format(probability) + ", inplace=False";
    }
}
