package dev.bert4j.pipeline;

import dev.bert4j.Encoding;
import dev.bert4j.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The likeliest spans of one window: an answer is where a likely start and a likely end come together. */
final class AnswerSpans {
    private final float[] starts;
    private final float[] ends;
    private final boolean[] context;
    private final float nullScore;

    /** Tokens from start to end, inclusive, and the product of their probabilities. */
    record Scored(int start, int end, float score) {
    }

    /**
     * Makes probabilities of logits.
     *
     * @param window a question and a part of its context
     * @param logits [2, T]: those of starts, and those of ends
     * @param cls the id of [CLS], which takes part in the softmax and stands for "no answer"
     */
    AnswerSpans(Encoding window, Tensor logits, int cls) {
        int[] ids = window.ids();
        context = new boolean[ids.length];
        boolean[] counted = new boolean[ids.length];
        for (int i = 0; i < ids.length; i++) {
            context[i] = window.sequenceId(i) == 1;
            counted[i] = context[i] || ids[i] == cls;
        }
        starts = probabilities(logits.select(0).data(), counted);
        ends = probabilities(logits.select(1).data(), counted);
        nullScore = starts[0] * ends[0];
    }

    /** A softmax over some tokens; the others have none. */
    private static float[] probabilities(float[] logits, boolean[] counted) {
        float[] some = new float[logits.length];
        int count = 0;
        for (int i = 0; i < logits.length; i++) {
            if (counted[i]) {
                some[count++] = logits[i];
            }
        }
        float[] scores = Softmax.of(Arrays.copyOf(some, count));
        float[] all = new float[logits.length];
        count = 0;
        for (int i = 0; i < logits.length; i++) {
            all[i] = counted[i] ? scores[count++] : 0;
        }
        return all;
    }

    /** The probability that there is no answer in this window. */
    float nullScore() {
        return nullScore;
    }

    /** The best spans of the context, the best first; of equal ones the first. */
    List<Scored> best(int topK, int maxAnswerLen) {
        Comparator<Scored> worstFirst = Comparator.comparingDouble(Scored::score)
                .thenComparing(Comparator.comparingInt(Scored::start).thenComparingInt(Scored::end).reversed());
        PriorityQueue<Scored> best = new PriorityQueue<>(worstFirst);
        for (int start = 0; start < starts.length; start++) {
            for (int end = start; context[start] && end < ends.length && end - start < maxAnswerLen; end++) {
                float score = starts[start] * ends[end];
                if (context[end] && (best.size() < topK || score > best.peek().score)) {
                    best.add(new Scored(start, end, score));
                    if (best.size() > topK) {
                        best.poll();
                    }
                }
            }
        }
        List<Scored> result = new ArrayList<>();
        while (!best.isEmpty()) {
            result.addFirst(best.poll());
        }
        return result;
    }
}
