package dev.bert4j;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.Session;
import dev.bert4j.events.ForwardEvent;
import dev.bert4j.events.Recorder;
import dev.bert4j.model.Batch;
import dev.bert4j.model.DecoderState;
import dev.bert4j.model.ModelRuntime;
import dev.bert4j.model.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.IntFunction;

/** One pass of a batch through the base of a model: what all classes have in common, whatever their heads are. */
final class ForwardPass {
    private final BertModel bert;
    private final Batch batch;
    private final AttentionSpec spec;
    private final AttentionSpec crossSpec;
    private final Trace trace;
    private final boolean keeps;
    private final List<PastKeyValues> kept = new ArrayList<>();

    /**
     * Checks inputs and lays them out.
     *
     * @throws IllegalArgumentException if one of them is none that the config allows
     */
    ForwardPass(BertModel bert, List<BertInput> inputs) {
        this(bert, inputs, false);
    }

    /** As the other, for a class that also answers what a decoder keeps. */
    ForwardPass(BertModel bert, List<BertInput> inputs, boolean keeps) {
        this.bert = bert;
        this.keeps = keeps;
        batch = Batch.of(bert.config(), inputs);
        for (BertInput input : inputs) {
            if (input.pastKeyValues() != null && !input.pastKeyValues().belongsTo(bert.runtime())) {
                throw new IllegalArgumentException("pastKeyValues come from another model; what one model keeps means"
                        + " nothing to another.");
            }
        }
        spec = batch.attention();
        crossSpec = batch.crossAttention();
        trace = new Trace(batch.wantsHiddenStates(), batch.wantsAttentions());
    }

    Batch batch() {
        return batch;
    }

    /** Runs the base, and what follows on its last hidden states. */
    <R> R run(BiFunction<Session, Activation, R> head) {
        return run(null, head);
    }

    /**
     * Runs the base as far as some of its last hidden states need it, and what follows on these.
     *
     * @param tokens of the batch, ascending, each once, and at least one; or null for all
     */
    private <R> R run(int[] tokens, BiFunction<Session, Activation, R> head) {
        ModelRuntime runtime = bert.runtime();
        ForwardEvent event = Recorder.isStarted() ? ForwardEvent.begun() : null;
        long start = System.nanoTime();
        R result;
        try {
            result = compute(tokens, head);
        } catch (Throwable e) {
            runtime.counter().failed();
            throw e;
        }
        int texts = batch.texts();
        runtime.counter().passed(texts, batch.tokens(), System.nanoTime() - start);
        if (event != null) {
            event.done(runtime.checkpoint().files().getFirst().toString(), runtime.backend().name(), texts,
                    batch.tokens());
        }
        return result;
    }

    private <R> R compute(int[] tokens, BiFunction<Session, Activation, R> head) {
        return bert.runtime().call(batch.tokens(), session -> {
            try (DecoderState decoder = DecoderState.of(bert.config(), batch, crossSpec, keeps, session);
                    Activation last = bert.encode(session, batch, spec, trace, decoder, tokens)) {
                for (int i = 0; i < batch.inputs().size(); i++) {
                    int first = batch.firstText(i);
                    boolean wanted = keeps && batch.keeps(i) && batch.texts(i) > 0;
                    kept.add(!wanted ? null : new PastKeyValues(bert.runtime(), bert.config().headSize(),
                            decoder.kept(first, first + batch.texts(i))));
                }
                return head.apply(session, last);
            }
        });
    }

    /** Runs the base and a head, and brings the values of the head to the host, row by row. */
    float[] rows(BiFunction<Session, Activation, Activation> head) {
        return rows(null, head);
    }

    /** The same for some tokens only: ascending, each once, and at least one; or null for all. */
    float[] rows(int[] tokens, BiFunction<Session, Activation, Activation> head) {
        return run(tokens, (session, last) -> {
            try (Activation y = head.apply(session, last)) {
                return session.download(y);
            }
        });
    }

    /**
     * Runs the base and a head for some tokens only.
     *
     * @param tokens for each input those wanted, in any order, counted through its texts
     * @param features values that the head downloads for each token
     * @return for each input [tokens, features]
     */
    List<Tensor> rowsAt(List<int[]> tokens, int features, BiFunction<Session, Activation, float[]> head) {
        int[] wanted = batch.tokenIndices(tokens);
        Batch.checkSize(wanted.length, features);
        if (wanted.length == 0) {
            return tokens.stream().map(none -> Tensor.of(new float[0], 0, features)).toList();
        }
        int[] ascending = Arrays.stream(wanted).sorted().distinct().toArray();
        float[] rows = run(ascending, (session, some) -> {
            if (Arrays.equals(wanted, ascending)) {
                return head.apply(session, some);
            }
            int[] places = Arrays.stream(wanted).map(token -> Arrays.binarySearch(ascending, token)).toArray();
            try (Activation inOrder = session.gather(some, places)) {
                return head.apply(session, inOrder);
            }
        });
        Tensor matrix = Tensor.of(rows, wanted.length, features);
        List<Tensor> result = new ArrayList<>();
        int from = 0;
        for (int[] some : tokens) {
            result.add(matrix.rows(from, from + some.length));
            from += some.length;
        }
        return result;
    }

    /** The part of an input of rows that are one a token, [B, T, features]. */
    Tensor tokens(float[] rows, int input, int features) {
        return batch.slice(rows, input, features);
    }

    /** The part of an input of rows that are one a text, [B, features]. */
    Tensor texts(float[] rows, int input, int features) {
        int from = batch.firstText(input) * features;
        int texts = batch.texts(input);
        boolean all = texts * features == rows.length;
        return Tensor.of(all ? rows : Arrays.copyOfRange(rows, from, from + texts * features), texts, features);
    }

    /** The hidden states of an input; null if it did not ask for them. */
    List<Tensor> hiddenStates(int input) {
        return trace.hiddenStates(batch, input, bert.config().hiddenSize());
    }

    /** The attention probabilities of an input; null if it did not ask for them. */
    List<Tensor> attentions(int input) {
        return trace.attentions(batch, spec, input);
    }

    /** The cross-attention probabilities of an input; null if it did not ask for them, or there are none. */
    List<Tensor> crossAttentions(int input) {
        return trace.crossAttentions(batch, crossSpec, input);
    }

    /** What a decoder keeps of an input for the next call; null if nothing. */
    PastKeyValues pastKeyValues(int input) {
        return kept.get(input);
    }

    /** The answers to all inputs, by their numbers. */
    <O> List<O> outputs(IntFunction<O> output) {
        List<O> all = new ArrayList<>(batch.inputs().size());
        for (int i = 0; i < batch.inputs().size(); i++) {
            all.add(output.apply(i));
        }
        return Collections.unmodifiableList(all);
    }

    /** The pooled values, one row a text, of a base that has a pooler. */
    Activation pool(Session session, Activation last) {
        return bert.pooler().forward(session, last, batch.firstTokens());
    }

    /** Runs the base as far as its pooler needs it, the pooler, and what follows on its values, one row a text. */
    <R> R pooled(BiFunction<Session, Activation, R> head) {
        return run(batch.firstTokens(), (session, first) -> {
            try (Activation pooled = bert.pooler().forward(session, first)) {
                return head.apply(session, pooled);
            }
        });
    }

    /** Runs the base, its pooler and a head, and brings the values of the head to the host, one row a text. */
    float[] pooledRows(BiFunction<Session, Activation, Activation> head) {
        return pooled((session, pooled) -> {
            try (Activation y = head.apply(session, pooled)) {
                return session.download(y);
            }
        });
    }
}
