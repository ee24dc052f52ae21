package dev.bert4j.service;

import dev.bert4j.metrics.QueueMetrics;
import dev.bert4j.pipeline.InputException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Lets calls of many threads run together. A call that comes when nothing runs starts at once and alone; what comes
 * meanwhile waits and is the next batch, so that batches grow with the load and nobody waits for company.
 *
 * <pre>{@code
 * try (var batcher = new MicroBatcher<String, float[]>(texts -> List.of(encoder.encode(texts)), String::length,
 *         BatchSettings.defaults())) {
 *     float[] vector = batcher.call("A dog chases a fox");       // from any number of threads, virtual ones, too
 * }
 * }</pre>
 *
 * <p>Items run in the order in which they came. As the models of this library give a text the same bits in any company,
 * an answer does not depend on who called at the same time. Where a batch fails, its items run again one by one, so
 * that each caller gets the failure of its own item only.
 *
 * @param <T> what goes in
 * @param <R> what comes out
 */
public final class MicroBatcher<T, R> implements AutoCloseable {
    /** More nanoseconds than anybody waits, and few enough to be added to a time. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final Function<List<T>, List<R>> work;
    private final ToLongFunction<T> weight;
    private final BatchSettings settings;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition notEmpty = lock.newCondition();
    private final Condition notFull = lock.newCondition();
    private final ArrayDeque<Request<T, R>> queue = new ArrayDeque<>();
    private final Thread runner;
    /** What runs; of the runner alone. */
    private final List<Request<T, R>> batch = new ArrayList<>();
    private final QueueCounter counter = new QueueCounter();
    private boolean closed;

    /**
     * Starts it.
     *
     * @param work answers a batch: as many answers as there are items, in their order
     * @param weight of an item, at least 0
     */
    public MicroBatcher(Function<List<T>, List<R>> work, ToLongFunction<T> weight, BatchSettings settings) {
        this.work = work;
        this.weight = weight;
        this.settings = settings;
        runner = Thread.ofPlatform().daemon().name("bert4j-batches").start(this::serve);
    }

    /**
     * Waits for the answer to an item, and for room in the queue before.
     *
     * @throws InterruptedException if the thread is interrupted; the item does not run any more unless it runs already
     * @throws RejectedExecutionException if this is closed
     */
    public R call(T item) throws InterruptedException {
        try {
            return put(item, Long.MAX_VALUE).await();
        } catch (TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * As {@link #call(Object)}, for no longer than {@code patience}.
     *
     * @throws TimeoutException if there is no answer by then; an item that has not begun by then does not run
     */
    public R call(T item, Duration patience) throws InterruptedException, TimeoutException {
        return put(item, System.nanoTime() + (patience.compareTo(LONGEST) < 0 ? patience : LONGEST)
                .toNanos()).await();
    }

    /**
     * Does not wait. Cancelling the future takes an item back that does not run yet. What is made to follow on the
     * future runs on the thread that runs the batches; let it be short, or asynchronous.
     *
     * @throws RejectedExecutionException if the queue is full, or this is closed
     */
    public CompletableFuture<R> submit(T item) {
        Request<T, R> made = request(item, Long.MAX_VALUE);
        lock.lock();
        try {
            requireOpen();
            if (isFull()) {
                counter.rejected();
                throw new RejectedExecutionException("The queue is full: " + settings.queueCapacity()
                        + " items wait; try again later, or raise queueCapacity.");
            }
            add(made);
        } finally {
            lock.unlock();
        }
        return made;
    }

    private Request<T, R> request(T value, long deadline) {
        long weighs = weight.applyAsLong(value);
        if (weighs < 0) {
            throw new IllegalArgumentException("An item weighs " + weighs + "; weights must be at least 0.");
        }
        return new Request<>(value, weighs, deadline, this::withdrawn);
    }

    /** There may be room for who waits. */
    private void withdrawn() {
        lock.lock();
        try {
            notFull.signal();
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            counter.rejected();
            throw new RejectedExecutionException("The batcher is closed.");
        }
    }

    /** Items that were taken back leave room at once. */
    private boolean isFull() {
        if (queue.size() >= settings.queueCapacity()) {
            for (Iterator<Request<T, R>> all = queue.iterator(); all.hasNext();) {
                Request<T, R> item = all.next();
                if (item.isDone()) {
                    counter.dropped(item.isCancelled());
                    all.remove();
                }
            }
        }
        return queue.size() >= settings.queueCapacity();
    }

    private void add(Request<T, R> item) {
        queue.add(item);
        counter.accepted();
        notEmpty.signal();
    }

    private Request<T, R> put(T value, long deadline) throws InterruptedException, TimeoutException {
        if (Thread.currentThread() == runner) {
            throw new IllegalStateException("The work of a batch, or what follows on an answer, cannot wait for another"
                    + " batch: the thread that would run it is this one. Use thenComposeAsync, or submit.");
        }
        Request<T, R> item = request(value, deadline);
        lock.lockInterruptibly();
        try {
            requireOpen();
            boolean waited = false;
            while (isFull() || waited && item.isLate()) {
                if (item.isLate()) {
                    counter.rejected();
                    throw new TimeoutException("The queue was full until the deadline.");
                }
                notFull.awaitNanos(deadline == Long.MAX_VALUE ? Long.MAX_VALUE : deadline - System.nanoTime());
                waited = true;
                requireOpen();
            }
            add(item);
        } finally {
            lock.unlock();
        }
        return item;
    }

    /** Whatever is thrown, lack of memory among it, the requests at hand hear of it, and later ones find a runner. */
    private void serve() {
        boolean more = true;
        while (more) {
            try {
                more = take();
                run(List.copyOf(batch));
            } catch (Throwable e) {
                for (Request<T, R> item : batch) {
                    if (item.completeExceptionally(e)) {
                        counter.failed();
                    }
                }
            }
            batch.clear();
        }
    }

    /** Takes the next batch, waiting for one; false when this is closed and nothing is left. */
    private boolean take() {
        lock.lock();
        try {
            while (queue.isEmpty()) {
                if (closed) {
                    return false;
                }
                notEmpty.awaitUninterruptibly();
            }
            long sum = 0;
            while (!queue.isEmpty()) {
                Request<T, R> next = queue.peek();
                if (!batch.isEmpty() && next.weight() > settings.maxWeight() - sum) {
                    break;
                }
                if (next.isLate()) {
                    next.completeExceptionally(new TimeoutException("The item waited until its deadline."));
                }
                if (next.isDone()) {
                    counter.dropped(next.isCancelled());
                } else {
                    // Before it leaves the queue: it is always in one of them.
                    batch.add(next);
                    sum += next.weight();
                }
                queue.remove();
            }
            begin(sum);
            notFull.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void begin(long sum) {
        long now = System.nanoTime();
        counter.began(batch.size());
        for (Request<T, R> item : batch) {
            counter.waited(item.begins(now, batch.size(), sum));
        }
    }

    private void run(List<Request<T, R>> items) {
        if (items.isEmpty()) {
            return;
        }
        // An interrupt that other work has left behind is not for this.
        Thread.interrupted();
        List<R> answers;
        try {
            answers = work.apply(items.stream().map(Request::value).toList());
            if (answers == null || answers.size() != items.size()) {
                throw new IllegalStateException("The work gave " + (answers == null ? "no" : answers.size())
                        + " answers to " + items.size() + " items.");
            }
            answers = new ArrayList<>(answers);
        } catch (Throwable e) {
            if (items.size() == 1) {
                counter.failed();
                // Who asked alone gave no several, of which a pipeline would say which it was.
                items.getFirst().completeExceptionally(e instanceof InputException ? e.getCause() : e);
            } else {
                items.forEach(item -> run(List.of(item)));
            }
            return;
        }
        counter.answered(items.size());
        for (int i = 0; i < items.size(); i++) {
            items.get(i).complete(answers.get(i));
        }
    }

    /** What it has done so far, and what waits now. */
    public QueueMetrics metrics() {
        lock.lock();
        try {
            return counter.snapshot(queue.size());
        } finally {
            lock.unlock();
        }
    }

    /** Refuses new items, and returns when all that were accepted are answered. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            notEmpty.signalAll();
            notFull.signalAll();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (Thread.currentThread() != runner && runner.isAlive()) {
            try {
                runner.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
