package dev.bert4j;

/**
 * A token that is found in a text as a whole, before the text is cut into words.
 *
 * @param content what it looks like; not empty
 * @param singleWord whether it counts only where no letter, digit, mark or connector stands beside it
 * @param lstrip whether white space before it belongs to it
 * @param rstrip whether white space behind it belongs to it
 * @param normalized whether it is looked for in the normalized text (and is normalized itself), or in the text as it is
 * @param special whether decoding without special tokens leaves it out
 */
public record AddedToken(String content, boolean singleWord, boolean lstrip, boolean rstrip, boolean normalized,
        boolean special) {
    /**
     * Checks the content.
     *
     * @throws IllegalArgumentException if it is null or empty
     */
    public AddedToken {
        if (content == null || content.isEmpty()) {
            throw new IllegalArgumentException("An added token must have a content; this one is "
                    + (content == null ? "null." : "empty."));
        }
    }

    /** An ordinary word, looked for in the normalized text. */
    public static AddedToken of(String content) {
        return new AddedToken(content, false, false, false, true, false);
    }

    /** A special token, looked for in the text as it is. */
    public static AddedToken special(String content) {
        return new AddedToken(content, false, false, false, false, true);
    }
}
