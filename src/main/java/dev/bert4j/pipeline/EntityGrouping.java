package dev.bert4j.pipeline;

import dev.bert4j.BertTokenizer;
import dev.bert4j.Encoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** From the scores of the tokens of one window to labelled tokens, words, and groups of them. */
final class EntityGrouping {
    private final BertTokenizer tokenizer;
    private final Map<Integer, String> labels;

    EntityGrouping(BertTokenizer tokenizer, Map<Integer, String> labels) {
        this.tokenizer = tokenizer;
        this.labels = labels;
    }

    /** A token with the probabilities of all labels; a continuation belongs to the word before it. */
    private record Token(String word, float[] scores, int index, boolean continuation) {
    }

    /** A token or a word with its label: from one token of the window to another, inclusive. */
    private record Labelled(String label, float score, String word, int first, int last) {
    }

    /**
     * What is found in a window.
     *
     * @param scores for each of its tokens the probabilities of the labels
     */
    List<TokenEntity> entities(String text, Encoding window, float[][] scores, AggregationStrategy strategy) {
        List<Token> tokens = tokens(text, window, scores);
        if (strategy == AggregationStrategy.NONE) {
            return tokens.stream().map(this::labelled).map(one -> entity(window, one, one.label, null, one.first))
                    .toList();
        }
        return groups(window, strategy == AggregationStrategy.SIMPLE ? tokens.stream().map(this::labelled).toList()
                : words(tokens, strategy));
    }

    private List<Token> tokens(String text, Encoding window, float[][] scores) {
        int[] ids = window.ids();
        int[] special = window.specialTokensMask();
        List<Token> tokens = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            if (special[i] == 0) {
                String word = tokenizer.idToToken(ids[i]);
                boolean unknown = ids[i] == tokenizer.tokenToId(tokenizer.unkToken());
                // What is written otherwise than in the text has lost or gained something: in most cases, a "##".
                boolean continuation = !unknown
                        && word.codePointCount(0, word.length()) != window.offsetEnd(i) - window.offsetStart(i);
                String shown = unknown ? text.substring(window.offsetStart16(i), window.offsetEnd16(i)) : word;
                tokens.add(new Token(shown, scores[i], i, continuation));
            }
        }
        return tokens;
    }

    private Labelled labelled(Token token) {
        int best = Softmax.best(token.scores);
        return new Labelled(labels.get(best), token.scores[best], token.word, token.index, token.index);
    }

    private List<Labelled> words(List<Token> tokens, AggregationStrategy strategy) {
        List<Labelled> words = new ArrayList<>();
        int from = 0;
        for (int to = 1; to <= tokens.size(); to++) {
            if (to == tokens.size() || !tokens.get(to).continuation) {
                words.add(word(tokens.subList(from, to), strategy));
                from = to;
            }
        }
        return words;
    }

    private Labelled word(List<Token> parts, AggregationStrategy strategy) {
        float[] scores = switch (strategy) {
            case AVERAGE -> average(parts);
            case MAX -> surest(parts);
            default -> parts.getFirst().scores;
        };
        int best = Softmax.best(scores);
        return new Labelled(labels.get(best), scores[best],
                tokenizer.tokensToString(parts.stream().map(Token::word).toList()), parts.getFirst().index,
                parts.getLast().index);
    }

    private static float[] average(List<Token> parts) {
        float[] mean = new float[parts.getFirst().scores.length];
        for (int label = 0; label < mean.length; label++) {
            double sum = 0;
            for (Token part : parts) {
                sum += part.scores[label];
            }
            mean[label] = (float) (sum / parts.size());
        }
        return mean;
    }

    private static float[] surest(List<Token> parts) {
        float[] surest = parts.getFirst().scores;
        for (Token part : parts) {
            if (part.scores[Softmax.best(part.scores)] > surest[Softmax.best(surest)]) {
                surest = part.scores;
            }
        }
        return surest;
    }

    private List<TokenEntity> groups(Encoding window, List<Labelled> members) {
        List<TokenEntity> groups = new ArrayList<>();
        int from = 0;
        for (int to = 1; to <= members.size(); to++) {
            if (to == members.size() || begins(members.get(to).label, members.get(to - 1).label)) {
                groups.add(group(window, members.subList(from, to)));
                from = to;
            }
        }
        return groups;
    }

    /** Whether a label begins a group of its own behind another. */
    private static boolean begins(String label, String before) {
        return label.startsWith("B-") || !name(label).equals(name(before));
    }

    private static String name(String label) {
        return label.startsWith("B-") || label.startsWith("I-") ? label.substring(2) : label;
    }

    private TokenEntity group(Encoding window, List<Labelled> members) {
        Labelled first = members.getFirst();
        double sum = 0;
        for (Labelled member : members) {
            sum += member.score;
        }
        // The reference names a group by what stands behind the first dash of its label.
        Labelled whole = new Labelled(first.label, (float) (sum / members.size()),
                tokenizer.tokensToString(members.stream().map(Labelled::word).toList()), first.first,
                members.getLast().last);
        return entity(window, whole, null, first.label.substring(first.label.indexOf('-') + 1), -1);
    }

    private static TokenEntity entity(Encoding window, Labelled one, String label, String group, int index) {
        return new TokenEntity(label, group, one.score, index, one.word, window.offsetStart(one.first),
                window.offsetEnd(one.last), window.offsetStart16(one.first), window.offsetEnd16(one.last));
    }

    /** The groups of all windows: of those that overlap the longest, and of equally long ones the surest. */
    static List<TokenEntity> merged(List<TokenEntity> groups) {
        List<TokenEntity> result = new ArrayList<>();
        for (TokenEntity group : groups.stream().sorted((a, b) -> Integer.compare(a.start(), b.start())).toList()) {
            TokenEntity last = result.isEmpty() ? null : result.getLast();
            if (last == null || group.start() >= last.end()) {
                result.add(group);
            } else if (length(group) > length(last) || length(group) == length(last) && group.score() > last.score()) {
                result.set(result.size() - 1, group);
            }
        }
        return result;
    }

    private static int length(TokenEntity group) {
        return group.end() - group.start();
    }
}
