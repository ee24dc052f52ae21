package dev.bert4j;

/**
 * How the tokenizer normalizes text, named as in tokenizer_config.json.
 *
 * @param doLowerCase whether letters become lower case, as uncased models need
 * @param stripAccents whether accents go; null means: if and only if doLowerCase is set
 * @param tokenizeChineseChars whether each CJK ideograph is a word
 */
public record TokenizerOptions(boolean doLowerCase, Boolean stripAccents, boolean tokenizeChineseChars) {

    /** What holds where a tokenizer_config.json says nothing: lower case, accents follow it, ideographs apart. */
    public static TokenizerOptions defaults() {
        return new TokenizerOptions(true, null, true);
    }

    /** A copy with another doLowerCase. */
    public TokenizerOptions withDoLowerCase(boolean value) {
        return new TokenizerOptions(value, stripAccents, tokenizeChineseChars);
    }

    /** A copy with another stripAccents; null follows doLowerCase. */
    public TokenizerOptions withStripAccents(Boolean value) {
        return new TokenizerOptions(doLowerCase, value, tokenizeChineseChars);
    }

    /** A copy with another tokenizeChineseChars. */
    public TokenizerOptions withTokenizeChineseChars(boolean value) {
        return new TokenizerOptions(doLowerCase, stripAccents, value);
    }
}
