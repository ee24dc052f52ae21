package dev.bert4j.service;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
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
    private final ArrayDeque<Item<T, R>> queue = new ArrayDeque<>();
    private final Thread runner;
    private boolean closed;
    private long batches;
    private long items;

    /** Who waits for an answer. */
    private static final class Item<T, R> extends CompletableFuture<R> {
        private final T value;
        private final long weight;
        private final long deadline;

        Item(T value, long weight, long deadline) {
            this.value = value;
            this.weight = weight;
            this.deadline = deadline;
        }

        boolean isLate() {
            return deadline != Long.MAX_VALUE && System.nanoTime() - deadline >= 0;
        }
    }

    /**
     * What it has done.
     *
     * @param batches how often the work was called, tries one by one after a failure aside
     * @param items how many items were in them
     * @param waiting how many wait now
     */
    public record Stats(long batches, long items, int waiting) {
    }

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
            return await(put(item, Long.MAX_VALUE));
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
        return await(put(item, System.nanoTime() + patience.toNanos()));
    }

    /**
     * Does not wait. Cancelling the future takes an item back that does not run yet.
     *
     * @throws RejectedExecutionException if the queue is full, or this is closed
     */
    public CompletableFuture<R> submit(T item) {
        Item<T, R> made = new Item<>(item, weight.applyAsLong(item), Long.MAX_VALUE);
        lock.lock();
        try {
            requireOpen();
            if (isFull()) {
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
            throw new RejectedExecutionException("The batcher is closed.");
        }
    }

    /** Items that were taken back leave room at once. */
    private boolean isFull() {
        if (queue.size() >= settings.queueCapacity()) {
            queue.removeIf(CompletableFuture::isDone);
        }
        return queue.size() >= settings.queueCapacity();
    }

    private void add(Item<T, R> item) {
        queue.add(item);
        notEmpty.signal();
    }

    private Item<T, R> put(T value, long deadline) throws InterruptedException, TimeoutException {
        Item<T, R> item = new Item<>(value, weight.applyAsLong(value), deadline);
        lock.lockInterruptibly();
        try {
            requireOpen();
            while (isFull()) {
                if (item.isLate()) {
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

    private R await(Item<T, R> item) throws InterruptedException, TimeoutException {
        try {
            return item.deadline == Long.MAX_VALUE ? item.get()
                    : item.get(Math.max(0, item.deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            item.cancel(false);
            throw e;
        } catch (TimeoutException e) {
            item.cancel(false);
            throw new TimeoutException("There was no answer by the deadline.");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case TimeoutException late -> throw late;
                case RuntimeException why -> throw why;
                case Error why -> throw why;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    private void serve() {
        for (List<Item<T, R>> batch = take(); batch != null; batch = take()) {
            if (!batch.isEmpty()) {
                run(batch);
            }
        }
    }

    /** The next batch, waiting for one; null when this is closed and nothing is left. */
    private List<Item<T, R>> take() {
        lock.lock();
        try {
            while (queue.isEmpty()) {
                if (closed) {
                    return null;
                }
                notEmpty.awaitUninterruptibly();
            }
            List<Item<T, R>> batch = new ArrayList<>();
            long sum = 0;
            while (!queue.isEmpty()) {
                Item<T, R> next = queue.peek();
                if (!batch.isEmpty() && sum + next.weight > settings.maxWeight()) {
                    break;
                }
                queue.remove();
                if (next.isLate()) {
                    next.completeExceptionally(new TimeoutException("The item waited until its deadline."));
                } else if (!next.isDone()) {
                    batch.add(next);
                    sum += next.weight;
                }
            }
            batches += batch.isEmpty() ? 0 : 1;
            items += batch.size();
            notFull.signalAll();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private void run(List<Item<T, R>> batch) {
        List<R> answers;
        try {
            answers = work.apply(batch.stream().map(item -> item.value).toList());
            if (answers == null || answers.size() != batch.size()) {
                throw new IllegalStateException("The work gave " + (answers == null ? "no" : answers.size())
                        + " answers to " + batch.size() + " items.");
            }
        } catch (Throwable e) {
            if (batch.size() == 1) {
                batch.getFirst().completeExceptionally(e);
            } else {
                batch.forEach(item -> run(List.of(item)));
            }
            return;
        }
        for (int i = 0; i < answers.size(); i++) {
            batch.get(i).complete(answers.get(i));
        }
    }

    /** What it has done so far. */
    public Stats stats() {
        lock.lock();
        try {
            return new Stats(batches, items, queue.size());
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
