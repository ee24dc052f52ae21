package dev.bert4j.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Texts were encoded. */
@Name("dev.bert4j.Tokenize")
@Label("Tokenize")
@Category("bert4j")
@Description("Texts, or pairs of texts, became ids")
@StackTrace(false)
public final class TokenizeEvent extends Event {
    @Label("Texts")
    private int texts;

    @Label("Tokens")
    @Description("With special tokens and padding, without what was cut off")
    private long tokens;

    private TokenizeEvent() {
    }

    /** It begins now. */
    public static TokenizeEvent begun() {
        TokenizeEvent event = new TokenizeEvent();
        event.begin();
        return event;
    }

    /** It is done. */
    public void done(int ofTexts, long ofTokens) {
        texts = ofTexts;
        tokens = ofTokens;
        commit();
    }
}
