package dev.bert4j.bench;

import dev.bert4j.BertForMaskedLM;
import dev.bert4j.BertInput;
import dev.bert4j.BertTokenizer;
import dev.bert4j.Encoding;
import dev.bert4j.Tensor;
import java.util.ArrayList;
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
        List<int[]> masked = new ArrayList<>();
        // As BertForMaskedLM counts tokens: through all texts of an input.
        List<Integer> hidden = new ArrayList<>();
        for (List<Integer> word : words(encoding, text)) {
            int[] copy = ids.clone();
            for (int token : word) {
                copy[token] = tokenizer.maskTokenId();
                hidden.add(masked.size() * ids.length + token);
            }
            masked.add(copy);
        }
        if (masked.isEmpty()) {
            return new MaskedWords(0, 0, 0, 0);
        }
        int[] tokens = hidden.stream().mapToInt(Integer::intValue).toArray();
        Tensor logits = model.logitsAt(List.of(BertInput.of(masked.toArray(int[][]::new))), List.of(tokens)).getFirst();
        return score(logits, tokens, ids);
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

    /** Of one text: {@code tokens} are those hidden, in copies of it one behind the other. */
    private static MaskedWords score(Tensor logits, int[] tokens, int[] ids) {
        int words = 0;
        int wrong = 0;
        int lastWrong = -1;
        double loss = 0;
        for (int i = 0; i < tokens.length; i++) {
            int copy = tokens[i] / ids.length;
            words = copy + 1;
            int id = ids[tokens[i] % ids.length];
            double[] row = row(logits, i);
            if (best(row) != id && copy != lastWrong) {
                wrong++;
                lastWrong = copy;
            }
            loss -= row[id] - logOfSum(row);
        }
        return new MaskedWords(words, words - wrong, tokens.length, loss);
    }

    private static double[] row(Tensor logits, int number) {
        int size = logits.size(1);
        double[] row = new double[size];
        for (int i = 0; i < size; i++) {
            row[i] = logits.data()[number * size + i];
        }
        return row;
    }

    private static int best(double[] row) {
        int best = 0;
        for (int i = 1; i < row.length; i++) {
            best = row[i] > row[best] ? i : best;
        }
        return best;
    }

    /** log Σ exp, from the greatest on, for exp of a logit may be more than a double holds. */
    private static double logOfSum(double[] row) {
        double greatest = row[best(row)];
        double sum = 0;
        for (double value : row) {
            sum += Math.exp(value - greatest);
        }
        return greatest + Math.log(sum);
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
