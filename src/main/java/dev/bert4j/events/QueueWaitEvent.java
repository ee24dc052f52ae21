package dev.bert4j.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A request waited in the queue of a micro-batcher. */
@Name("dev.bert4j.QueueWait")
@Label("Queue Wait")
@Category("bert4j")
@Description("A request waited in the queue of a micro-batcher until its batch began")
@StackTrace(false)
public final class QueueWaitEvent extends Event {
    @Label("Batch Items")
    @Description("Requests of the batch that it came into")
    private int batchItems;

    @Label("Batch Weight")
    @Description("What they weigh together")
    private long batchWeight;

    private QueueWaitEvent() {
    }

    /** It begins now. */
    public static QueueWaitEvent begun() {
        QueueWaitEvent event = new QueueWaitEvent();
        event.begin();
        return event;
    }

    /** Its batch begins. */
    public void done(int items, long weight) {
        batchItems = items;
        batchWeight = weight;
        commit();
    }
}
