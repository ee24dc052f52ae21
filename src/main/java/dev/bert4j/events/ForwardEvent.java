package dev.bert4j.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A batch went through a model. */
@Name("dev.bert4j.Forward")
@Label("Forward Pass")
@Category("bert4j")
@Description("A batch went through a model")
@StackTrace(false)
public final class ForwardEvent extends Event {
    @Label("Model")
    @Description("The file of the weights, or the first of them")
    private String model;

    @Label("Backend")
    private String backend;

    @Label("Texts")
    private int texts;

    @Label("Tokens")
    private int tokens;

    private ForwardEvent() {
    }

    /** It begins now. */
    public static ForwardEvent begun() {
        ForwardEvent event = new ForwardEvent();
        event.begin();
        return event;
    }

    /** It is done. */
    public void done(String ofModel, String onBackend, int ofTexts, int ofTokens) {
        model = ofModel;
        backend = onBackend;
        texts = ofTexts;
        tokens = ofTokens;
        commit();
    }
}
