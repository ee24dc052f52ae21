package dev.bert4j.service;

import dev.bert4j.events.QueueWaitEvent;
import dev.bert4j.events.Recorder;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What waits in a {@link MicroBatcher} for its answer, and who waits for it. */
final class Request<T, R> extends CompletableFuture<R> {
    private final T value;
    private final long weight;
    private final long deadline;
    private final Runnable withdrawn;
    private final long since = System.nanoTime();
    /** Null where nobody records. */
    private final QueueWaitEvent event = Recorder.isStarted() ? QueueWaitEvent.begun() : null;

    /**
     * Makes one.
     *
     * @param deadline by System.nanoTime(), or Long.MAX_VALUE for none
     * @param withdrawn is run when it is taken back
     */
    Request(T value, long weight, long deadline, Runnable withdrawn) {
        this.value = value;
        this.weight = weight;
        this.deadline = deadline;
        this.withdrawn = withdrawn;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        withdrawn.run();
        return cancelled;
    }

    T value() {
        return value;
    }

    long weight() {
        return weight;
    }

    boolean isLate() {
        return deadline != Long.MAX_VALUE && System.nanoTime() - deadline >= 0;
    }

    /** Its batch begins; returns how many nanoseconds it has waited. */
    long begins(long now, int items, long batchWeight) {
        if (event != null) {
            event.done(items, batchWeight);
        }
        return now - since;
    }

    /** Waits for the answer until the deadline, and takes the request back if there is none by then. */
    R await() throws InterruptedException, TimeoutException {
        try {
            return deadline == Long.MAX_VALUE ? get()
                    : get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            cancel(false);
            throw e;
        } catch (TimeoutException e) {
            TimeoutException late = new TimeoutException("There was no answer by the deadline.");
            completeExceptionally(late);
            withdrawn.run();
            throw late;
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case TimeoutException late -> throw late;
                case RuntimeException why -> throw why;
                case Error why -> throw why;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }
}
