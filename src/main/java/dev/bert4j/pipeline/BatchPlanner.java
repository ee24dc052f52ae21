package dev.bert4j.pipeline;

import dev.bert4j.Encoding;
import dev.bert4j.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Gatherer;

/**
 * Groups inputs into batches by their tokens: as many as fit are run together, in the order in which they came. Texts
 * are run as they are, whatever their lengths, so that nothing is gained by sorting them.
 */
final class BatchPlanner<I> {
    private final int most;
    private final Function<I, List<Encoding>> encode;
    private final Function<List<Encoding>, List<Tensor>> run;

    /**
     * A planner.
     *
     * @param most tokens of a batch; a longer window is a batch of its own
     * @param encode the windows of an input
     * @param run what the model says to each of several windows
     */
    BatchPlanner(int most, Function<I, List<Encoding>> encode, Function<List<Encoding>, List<Tensor>> run) {
        this.most = most;
        this.encode = encode;
        this.run = run;
    }

    /** An input with what the model said to its windows. */
    record Done<I>(I input, List<Encoding> windows, List<Tensor> outputs) {
    }

    /** Runs a stream of inputs, holding no more than a batch of them. */
    Gatherer<I, ?, Done<I>> gatherer() {
        return Gatherer.<I, Waiting, Done<I>>ofSequential(Waiting::new,
                (waiting, input, downstream) -> waiting.add(input, downstream),
                (waiting, downstream) -> waiting.run(downstream));
    }

    /** Runs windows in as few calls as the limit allows. */
    List<Tensor> outputs(List<Encoding> windows) {
        List<Tensor> outputs = new ArrayList<>();
        int from = 0;
        while (from < windows.size()) {
            int to = from + 1;
            long tokens = windows.get(from).size();
            while (to < windows.size() && tokens + windows.get(to).size() <= most) {
                tokens += windows.get(to).size();
                to++;
            }
            outputs.addAll(run.apply(windows.subList(from, to)));
            from = to;
        }
        return outputs;
    }

    /** The batch that is being collected. */
    private final class Waiting {
        private final List<Done<I>> inputs = new ArrayList<>();
        private long tokens;
        private long count;

        boolean add(I input, Gatherer.Downstream<? super Done<I>> downstream) {
            List<Encoding> windows;
            try {
                windows = encode.apply(input);
            } catch (IllegalArgumentException e) {
                // What came before it has its answers yet.
                run(downstream);
                throw new InputException(count, e);
            }
            count++;
            long size = windows.stream().mapToLong(Encoding::size).sum();
            if (tokens > 0 && tokens + size > most && !run(downstream)) {
                return false;
            }
            inputs.add(new Done<>(input, windows, List.of()));
            tokens += size;
            return tokens < most || run(downstream);
        }

        /** Runs what is there; false if nobody wants more. */
        boolean run(Gatherer.Downstream<? super Done<I>> downstream) {
            if (downstream.isRejecting()) {
                return false;
            }
            List<Tensor> outputs = outputs(inputs.stream().flatMap(input -> input.windows.stream()).toList());
            boolean wanted = true;
            int from = 0;
            for (Done<I> input : inputs) {
                int to = from + input.windows.size();
                wanted = wanted && downstream.push(new Done<>(input.input, input.windows, outputs.subList(from, to)));
                from = to;
            }
            inputs.clear();
            tokens = 0;
            return wanted;
        }
    }
}
