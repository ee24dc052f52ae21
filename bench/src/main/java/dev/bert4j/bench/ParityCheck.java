package dev.bert4j.bench;

/**
 * Proves that both engines compute the same function, so that their times can be compared: every value of the last
 * hidden states and of the pooled output must agree within 1e-4 (1 + |b|). Exits with 1 otherwise.
 *
 * <p>The weights being random, a wrong transposition, order or epsilon shows as a difference of the order of 1.
 */
public final class ParityCheck {
    private static final double TOLERANCE = 1e-4;
    private static final int[] TOKENS = {8, 32, 128};

    private ParityCheck() {
    }

    /** Runs the check; there are no options. */
    public static void main(String[] args) {
        boolean agree = true;
        try (Engine ours = EngineName.BERT4J.open(2); Engine theirs = EngineName.ONNXRUNTIME.open(2)) {
            System.out.println(ours.description());
            System.out.println(theirs.description());
            for (int tokens : TOKENS) {
                agree &= compare(ours, theirs, tokens);
            }
        }
        if (!agree) {
            System.err.println("The engines do not compute the same; nothing is timed.");
            System.exit(1);
        }
    }

    private static boolean compare(Engine ours, Engine theirs, int tokens) {
        int[] ids = ModelFolder.text(tokens);
        try (Engine.Call a = ours.prepare(ids); Engine.Call b = theirs.prepare(ids)) {
            a.run();
            b.run();
            Deviation hidden = Deviation.of(a.lastHiddenState(), b.lastHiddenState());
            Deviation pooled = Deviation.of(a.poolerOutput(), b.poolerOutput());
            System.out.printf("Parity 1x%d: hidden states %s, pooled %s%n", tokens, hidden, pooled);
            return hidden.within(TOLERANCE) && pooled.within(TOLERANCE);
        }
    }
}
