package dev.bert4j.events;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A model was opened. */
@Name("dev.bert4j.Load")
@Label("Model Load")
@Category("bert4j")
@Description("A model was opened: its files were mapped and its modules made")
@StackTrace(false)
public final class LoadEvent extends Event {
    @Label("Folder")
    private String folder;

    @Label("Model Class")
    private String modelClass;

    @Label("Backend")
    private String backend;

    @Label("Parameters")
    private long parameters;

    @Label("Mapped Size")
    @DataAmount
    private long mapped;

    private LoadEvent() {
    }

    /** It begins now. */
    public static LoadEvent begun() {
        LoadEvent event = new LoadEvent();
        event.begin();
        return event;
    }

    /** It is done. */
    public void done(String ofFolder, String ofClass, String onBackend, long ofParameters, long bytes) {
        folder = ofFolder;
        modelClass = ofClass;
        backend = onBackend;
        parameters = ofParameters;
        mapped = bytes;
        commit();
    }
}
