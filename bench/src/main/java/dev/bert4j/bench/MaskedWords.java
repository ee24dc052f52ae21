package dev.bert4j.bench;

import dev.bert4j.BertForMaskedLM;
import dev.bert4j.BertInput;
import dev.bert4j.BertTokenizer;
import dev.bert4j.Encoding;
import dev.bert4j.MaskedLMOutput;
import dev.bert4j.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How well a model guesses words from what stands around them: each word of each text is masked once, all its tokens
 * together.
 *
 * @param words how many there are
 * @param right how many of them are the likeliest, token by token
 * @param tokens tokens of these words
 * @param loss the sum of −log p of the right tokens
 */
record MaskedWords(int words, int right, int tokens, double loss) {
    /** The label of a token that does not count. */
    private static final int IGNORE = -100;

    static MaskedWords of(BertForMaskedLM model, BertTokenizer tokenizer, List<String> texts) {
        MaskedWords all = new MaskedWords(0, 0, 0, 0);
        for (String text : texts) {
            all = all.plus(of(model, tokenizer, text));
        }
        return all;
    }

    private static MaskedWords of(BertForMaskedLM model, BertTokenizer tokenizer, String text) {
        Encoding encoding = tokenizer.encode(text);
        int[] ids = encoding.ids();
        List<List<Integer>> words = words(encoding, text);
        if (words.isEmpty()) {
            return new MaskedWords(0, 0, 0, 0);
        }
        int[][] masked = new int[words.size()][];
        int[][] labels = new int[words.size()][ids.length];
        int tokens = 0;
        for (int i = 0; i < masked.length; i++) {
            masked[i] = ids.clone();
            Arrays.fill(labels[i], IGNORE);
            for (int token : words.get(i)) {
                masked[i][token] = tokenizer.maskTokenId();
                labels[i][token] = ids[token];
                tokens++;
            }
        }
        MaskedLMOutput output = model.forward(BertInput.of(masked), labels);
        int right = 0;
        for (int i = 0; i < masked.length; i++) {
            int copy = i;
            right += words.get(i).stream().allMatch(token -> best(output.logits().select(copy, token)) == ids[token])
                    ? 1 : 0;
        }
        return new MaskedWords(masked.length, right, tokens, (double) output.loss().item() * tokens);
    }

    /** The tokens of each word that has a letter or a digit. */
    private static List<List<Integer>> words(Encoding encoding, String text) {
        List<List<Integer>> words = new ArrayList<>();
        int before = Encoding.NONE;
        for (int token = 0; token < encoding.size(); token++) {
            int word = encoding.wordId(token);
            if (word != Encoding.NONE && word == before) {
                words.getLast().add(token);
            } else if (word != Encoding.NONE && text.substring(encoding.offsetStart16(token),
                    encoding.offsetEnd16(token)).codePoints().anyMatch(Character::isLetterOrDigit)) {
                words.add(new ArrayList<>(List.of(token)));
                before = word;
            }
        }
        return words;
    }

    private static int best(Tensor logits) {
        float[] values = logits.data();
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    private MaskedWords plus(MaskedWords other) {
        return new MaskedWords(words + other.words, right + other.right, tokens + other.tokens, loss + other.loss);
    }

    /** The share of words that are guessed. */
    double accuracy() {
        return (double) right / words;
    }

    /** exp of the mean loss of a token. */
    double perplexity() {
        return Math.exp(loss / tokens);
    }
}
