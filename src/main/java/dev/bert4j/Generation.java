package dev.bert4j;

import dev.bert4j.model.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Texts that a language model is writing on, token after token. */
final class Generation {
    private final BertLMHeadModel model;
    private final List<BertInput> inputs;
    private final GenerationOptions options;
    private final Set<Integer> ends;

    Generation(BertLMHeadModel model, List<BertInput> inputs, GenerationOptions options) {
        this.model = model;
        this.inputs = inputs;
        this.options = options;
        ends = options.eosTokenIds() != null ? options.eosTokenIds() : model.config().eosTokenIds();
    }

    /** One text: its tokens so far, and what the next pass is given. */
    private static final class Text {
        private final SplittableRandom random;
        private final int limit;
        private final BertInput prompt;
        private BertInput input;
        private int[] ids;

        private Text(BertInput prompt, int limit, SplittableRandom random) {
            this.prompt = prompt;
            this.limit = limit;
            this.random = random;
            input = prompt;
            ids = prompt.inputIds()[0];
        }

        private boolean isFull() {
            return ids.length >= limit;
        }

        /** Adds a token, which the next pass sees behind what was kept, or behind all tokens if nothing was. */
        private void add(int token, PastKeyValues kept) {
            ids = Arrays.copyOf(ids, ids.length + 1);
            ids[ids.length - 1] = token;
            releasePast();
            input = kept == null ? prompt.withInputIds(new int[][] {ids})
                    : prompt.withInputIds(new int[][] {{token}}).withPastKeyValues(kept);
            input = input.withTokenTypeIds(null);
            if (prompt.attentionMask() != null) {
                int masked = prompt.attentionMask().size(1);
                int written = ids.length - prompt.inputIds()[0].length;
                float[] mask = Arrays.copyOf(prompt.attentionMask().data(), masked + written);
                Arrays.fill(mask, masked, mask.length, 1);
                input = input.withAttentionMask(Tensor.of(mask, 1, mask.length));
            }
        }

        /** What this text kept is nobody else's, unlike what the prompt came with. */
        private void releasePast() {
            if (input.pastKeyValues() != null && input.pastKeyValues() != prompt.pastKeyValues()) {
                input.pastKeyValues().release();
            }
        }

        /** The same when nothing follows; of the encoder, what the prompt came with is kept in every step. */
        private void end() {
            releasePast();
            if (input.pastKeyValues() != null && prompt.pastKeyValues() == null) {
                input.pastKeyValues().releaseAll();
            }
        }
    }

    /** For each input its texts, written on. */
    List<int[][]> run() {
        refuse(model.config().chunkSizeFeedForward() > 1, "generate goes on token by token, but this model takes only"
                + " texts that are multiples of " + model.config().chunkSizeFeedForward()
                + " tokens (chunk_size_feed_forward); set it to 0, which changes no number.");
        Batch.of(model.config(), inputs);
        int words = model.config().vocabSize();
        ends.stream().filter(token -> token < 0 || token >= words).findAny().ifPresent(token -> refuse(true,
                "The end token " + token + " is not in [0, " + words + ") (vocab_size)."));
        List<List<Text>> all = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(options.seed());
        for (BertInput input : inputs) {
            check(input);
            // What a pass ignores may have any shape.
            boolean crossed = model.config().isDecoder() && input.encoderHiddenStates() != null;
            BertInput seen = crossed ? input : input.withEncoderHiddenStates(null).withEncoderAttentionMask(null);
            List<Text> texts = new ArrayList<>();
            for (int row = 0; row < input.inputIds().length; row++) {
                texts.add(new Text(seen.text(row), limit(input), random.split()));
            }
            all.add(texts);
        }
        List<Text> going = all.stream().flatMap(List::stream).toList();
        while (!going.isEmpty()) {
            List<BertLMHeadModel.Next> next = model.next(going.stream().map(text -> text.input).toList());
            List<Text> on = new ArrayList<>();
            for (int i = 0; i < going.size(); i++) {
                Text text = going.get(i);
                int token = TokenChoice.choose(next.get(i).logits(), options, text.random);
                text.add(token, next.get(i).pastKeyValues());
                if (!text.isFull() && !ends.contains(token)) {
                    on.add(text);
                } else {
                    text.end();
                }
            }
            going = on;
        }
        return all.stream().map(texts -> texts.stream().map(text -> text.ids).toArray(int[][]::new)).toList();
    }

    /** Tokens that the texts of an input may have in the end, those that were kept before not counted. */
    private int limit(BertInput input) {
        int past = input.pastKeyValues() == null ? 0 : input.pastKeyValues().length();
        int prompt = past + input.inputIds()[0].length;
        long limit = options.maxNewTokens() > 0 ? (long) prompt + options.maxNewTokens() : options.maxLength();
        if (limit <= prompt) {
            throw new IllegalArgumentException("The prompt has " + prompt + " tokens, which leaves none to write of"
                    + " the maxLength of " + limit + "; raise it, or use maxNewTokens.");
        }
        int positions = model.config().maxPositionEmbeddings();
        if (limit > positions) {
            throw new IllegalArgumentException("Texts of up to " + limit + " tokens are asked for, but this model can"
                    + " read " + positions + " (max_position_embeddings).");
        }
        return (int) limit - past;
    }

    private static void check(BertInput input) {
        refuse(input.inputIds() == null, "generate needs inputIds: inputsEmbeds say no words to write behind.");
        refuse(input.positionIds() != null, "generate counts positions itself; leave positionIds out.");
        refuse(input.tokenTypeIds() != null && Arrays.stream(input.tokenTypeIds()).flatMapToInt(Arrays::stream)
                .anyMatch(type -> type != 0), "generate gives all tokens the type 0; leave tokenTypeIds out.");
        refuse(input.attentionMask() != null && input.attentionMask().rank() == 3, "generate takes attention masks"
                + " [texts, tokens] only: one for every query says nothing of the tokens to come.");
        refuse(input.encoderAttentionMask() != null && input.encoderAttentionMask().rank() == 3, "generate takes"
                + " encoder attention masks [texts, tokens] only: one for every query says nothing of those to come.");
    }

    private static void refuse(boolean wrong, String sentence) {
        if (wrong) {
            throw new IllegalArgumentException(sentence);
        }
    }
}
