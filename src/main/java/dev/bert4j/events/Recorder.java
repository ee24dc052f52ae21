package dev.bert4j.events;

import jdk.jfr.FlightRecorder;

/** Whether anybody may want events. */
public final class Recorder {
    private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

    private Recorder() {
    }

    /** Whether the Flight Recorder is there and was started in this JVM; it may have been stopped again. */
    public static boolean isStarted() {
        return PRESENT && FlightRecorder.isInitialized();
    }
}
