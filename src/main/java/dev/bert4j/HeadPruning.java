package dev.bert4j;

import dev.bert4j.weights.Selection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Which part of the weights is left when attention heads are pruned. */
final class HeadPruning {
    /** Features of the context are rows where it is made, and columns where it is taken in. */
    private static final Pattern NAME = Pattern.compile("(?:bert\\.)?encoder\\.layer\\.(\\d+)\\.attention\\."
            + "(?:self\\.(?:query|key|value)\\.(?:weight|bias)|(output)\\.dense\\.weight)");

    private HeadPruning() {
    }

    /** For each tensor that becomes smaller, what it keeps when {@code before} becomes {@code after}. */
    static Map<String, Selection> selections(Set<String> names, BertConfig before, BertConfig after) {
        Map<String, Selection> selections = new HashMap<>();
        for (String name : names) {
            Matcher matcher = NAME.matcher(name);
            if (matcher.matches()) {
                int layer = Integer.parseInt(matcher.group(1));
                int[] had = before.headsOf(layer);
                int[] keeps = after.headsOf(layer);
                if (keeps.length < had.length) {
                    selections.put(name, new Selection(matcher.group(2) == null ? 0 : 1,
                            features(had, keeps, before.headSize())));
                }
            }
        }
        return selections;
    }

    /** The features of the heads that stay, among those of the heads that were there. */
    private static int[] features(int[] had, int[] keeps, int headSize) {
        return IntStream.range(0, had.length)
                .filter(place -> IntStream.of(keeps).anyMatch(head -> head == had[place]))
                .flatMap(place -> IntStream.range(place * headSize, (place + 1) * headSize)).toArray();
    }
}
