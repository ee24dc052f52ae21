package dev.bert4j.bench;

import java.util.List;

/**
 * Proves that both engines compute the same function, so that their times can be compared: every value of the last
 * hidden states and of the pooled output must agree within 1e-4 (1 + |b|). Exits with 1 otherwise.
 *
 * <p>The weights being random, a wrong transposition, order or epsilon shows as a difference of the order of 1.
 */
public final class ParityCheck {
    static final double TOLERANCE = 1e-4;
    private static final int[] TOKENS = {8, 32, 128};

    private ParityCheck() {
    }

    /** Runs the check; there are no options. */
    public static void main(String[] args) {
        boolean agree = true;
        try (Bert4j ours = new Bert4j(ModelFolder.PATH, 2);
                OrtBert theirs = new OrtBert(ModelFolder.PATH.resolve(ModelFolder.GRAPH), 2, true)) {
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

    private static boolean compare(Bert4j ours, OrtBert theirs, int tokens) {
        List<int[]> text = List.of(Work.text(tokens, 0));
        int[][] batches = {{0}};
        try (Bert4j.Forward a = ours.prepare(text, batches); OrtBert.Passes b = theirs.prepare(text, batches)) {
            a.run();
            b.run();
            Deviation hidden = Deviation.of(a.values(), b.values());
            Deviation pooled = Deviation.of(a.pooled(), b.pooled());
            System.out.printf("Parity 1x%d: hidden states %s, pooled %s%n", tokens, hidden, pooled);
            return hidden.within(TOLERANCE) && pooled.within(TOLERANCE);
        }
    }
}
