package dev.bert4j.sentence;

import dev.bert4j.BertInput;
import dev.bert4j.Encoding;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Groups texts by their tokens, in their order. */
final class TokenBatches {
    /** Tokens that run at a time where nobody says how many. */
    static final int TOKENS = 2048;

    private TokenBatches() {
    }

    /** What runs a batch, whose first text has the number {@code first}. */
    @FunctionalInterface
    interface Work {
        void run(List<BertInput> batch, int first);
    }

    /** Runs {@code count} texts, so many tokens at a time; a longer text runs alone. */
    static void run(int count, IntFunction<Encoding> encode, int most, Work work) {
        List<BertInput> batch = new ArrayList<>();
        int first = 0;
        int tokens = 0;
        for (int i = 0; i < count; i++) {
            Encoding encoding = encode.apply(i);
            if (tokens > 0 && tokens + encoding.size() > most) {
                work.run(List.copyOf(batch), first);
                first = i;
                tokens = 0;
                batch.clear();
            }
            batch.add(BertInput.of(encoding));
            tokens += encoding.size();
        }
        if (!batch.isEmpty()) {
            work.run(List.copyOf(batch), first);
        }
    }
}
