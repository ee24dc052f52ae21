package dev.bert4j.service;

import dev.bert4j.metrics.QueueMetrics;
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
    private final Function<List<T>, List<R>> work;
    private final ToLongFunction<T> weight;
    private final BatchSettings settings;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition notEmpty = lock.newCondition();
    private final Condition notFull = lock.newCondition();
    private final ArrayDeque<Request<T, R>> queue = new ArrayDeque<>();
    private final Thread runner;
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
        return put(item, System.nanoTime() + patience.toNanos()).await();
    }

    /**
     * Does not wait. Cancelling the future takes an item back that does not run yet. What is made to follow on the
     * future runs on the thread that runs the batches; let it be short, or asynchronous.
     *
     * @throws RejectedExecutionException if the queue is full, or this is closed
     */
    public CompletableFuture<R> submit(T item) {
        Request<T, R> made = new Request<>(item, weight.applyAsLong(item), Long.MAX_VALUE);
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
        Request<T, R> item = new Request<>(value, weight.applyAsLong(value), deadline);
        lock.lockInterruptibly();
        try {
            requireOpen();
            while (isFull()) {
                if (item.isLate()) {
                    counter.rejected();
                    throw new TimeoutException("The queue was full until the deadline.");
                }
                notFull.awaitNanos(deadline == Long.MAX_VALUE ? Long.MAX_VALUE : deadline - System.nanoTime());
                requireOpen();
            }
            add(item);
        } finally {
            lock.unlock();
        }
        return item;
    }

    private void serve() {
        for (List<Request<T, R>> batch = take(); batch != null; batch = take()) {
            if (!batch.isEmpty()) {
                run(batch);
            }
        }
    }

    /** The next batch, waiting for one; null when this is closed and nothing is left. */
    private List<Request<T, R>> take() {
        lock.lock();
        try {
            while (queue.isEmpty()) {
                if (closed) {
                    return null;
                }
                notEmpty.awaitUninterruptibly();
            }
            List<Request<T, R>> batch = new ArrayList<>();
            long sum = 0;
            while (!queue.isEmpty()) {
                Request<T, R> next = queue.peek();
                if (!batch.isEmpty() && sum + next.weight() > settings.maxWeight()) {
                    break;
                }
                queue.remove();
                if (next.isLate()) {
                    next.completeExceptionally(new TimeoutException("The item waited until its deadline."));
                }
                if (next.isDone()) {
                    counter.dropped(next.isCancelled());
                } else {
                    batch.add(next);
                    sum += next.weight();
                }
            }
            begin(batch, sum);
            notFull.signalAll();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private void begin(List<Request<T, R>> batch, long sum) {
        long now = System.nanoTime();
        counter.began(batch.size());
        for (Request<T, R> item : batch) {
            counter.waited(item.begins(now, batch.size(), sum));
        }
    }

    private void run(List<Request<T, R>> batch) {
        List<R> answers;
        try {
            answers = work.apply(batch.stream().map(Request::value).toList());
            if (answers == null || answers.size() != batch.size()) {
                throw new IllegalStateException("The work gave " + (answers == null ? "no" : answers.size())
                        + " answers to " + batch.size() + " items.");
            }
        } catch (Throwable e) {
            if (batch.size() == 1) {
                counter.failed();
                batch.getFirst().completeExceptionally(e);
            } else {
                batch.forEach(item -> run(List.of(item)));
            }
            return;
        }
        counter.answered(batch.size());
        for (int i = 0; i < answers.size(); i++) {
            batch.get(i).complete(answers.get(i));
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
