package dev.bert4j.backend.cpu;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads of a CPU backend: runs the parts of one operation side by side, the caller being one of the threads.
 *
 * <p>An operation of a short text takes tens of microseconds, about what it costs to wake a parked thread. So a worker
 * that has finished its part keeps looking for the next for a little while before it parks, and the caller never waits
 * for a worker that has not woken up in time: it does the work itself. When the workers are busy for another caller,
 * or other callers alone have cores enough to do, the caller runs alone, so that many callers share the cores without
 * waiting for each other. Running allocates nothing.
 *
 * <p>In {@link #runInTurns} and {@link #runNeighbours} each thread begins with parts of its own, and takes those of
 * others when it has done these. So where one operation after the other has the same tokens in the parts of a thread,
 * it finds in its cache what it wrote there.
 */
public final class Workers implements AutoCloseable {
    /** One part of an operation. */
    @FunctionalInterface
    public interface Task {
        /**
         * Computes part {@code index}.
         *
         * @param worker who runs it, {@code 0 … threads − 1}; no two parts run under one number at a time
         */
        void run(int index, int worker);
    }

    /** How long an idle worker looks for work before it parks: a few gaps between operations. */
    private static final long SPIN_NANOS = 100_000;

    private final Thread[] threads;
    private final AtomicIntegerArray parked;
    private final AtomicBoolean taken = new AtomicBoolean();
    /** How many of its own parts each thread, or others for it, have taken. */
    private final AtomicIntegerArray claimed;
    private final AtomicInteger inside = new AtomicInteger();
    /** Callers who run alone now. */
    private final AtomicInteger alone = new AtomicInteger();

    // Written by the caller that holds `taken`, before it opens the job; read by workers that found it open.
    private Task task;
    private int count;
    private Shares shares;
    private volatile Throwable failure;
    private volatile boolean open;
    private volatile long job;
    private volatile boolean closed;

    /**
     * Starts the threads beside the caller's.
     *
     * @param threads how many threads run an operation, the caller's included; at least 1
     */
    public Workers(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + threads + ".");
        }
        this.threads = new Thread[threads - 1];
        this.parked = new AtomicIntegerArray(threads - 1);
        this.claimed = new AtomicIntegerArray(threads);
        for (int i = 0; i < this.threads.length; i++) {
            int worker = i;
            this.threads[i] = Thread.ofPlatform().daemon().name("bert4j-" + (worker + 1))
                    .inheritInheritableThreadLocals(false)
                    .unstarted(() -> serve(worker));
        }
        try {
            for (Thread thread : this.threads) {
                thread.start();
            }
        } catch (Throwable e) {
            // The system has no more threads to give: those that run already must not stay.
            close();
            throw e;
        }
    }

    /** How many threads run an operation, the caller's included. */
    public int threads() {
        return threads.length + 1;
    }

    /** Which parts a thread begins with. */
    private enum Shares {
        /** Whichever comes next. */
        NONE,
        /** Of three threads the second with part 1, and then with 4, 7 and so on. */
        TURNS,
        /** As many as others, up to one, which are neighbours. */
        NEIGHBOURS
    }

    /** Runs parts {@code 0 … parts − 1}, and returns when all are done. Each thread takes the next that nobody has. */
    public void run(int parts, Task work) {
        run(parts, work, Shares.NONE);
    }

    /** Runs parts of about the same size; each thread begins with every {@link #threads()}th part. */
    public void runInTurns(int parts, Task work) {
        run(parts, work, Shares.TURNS);
    }

    /** Runs parts of about the same size; each thread begins with as many neighbours as the others, up to one. */
    public void runNeighbours(int parts, Task work) {
        run(parts, work, Shares.NEIGHBOURS);
    }

    private void run(int parts, Task work, Shares by) {
        if (parts <= 1 || threads.length == 0) {
            runAll(parts, work);
            return;
        }
        // Where there are callers for all cores, workers would only take time from them, and be waited for.
        if (alone.get() >= threads.length || !taken.compareAndSet(false, true)) {
            alone.incrementAndGet();
            try {
                runAll(parts, work);
            } finally {
                alone.decrementAndGet();
            }
            return;
        }
        try {
            task = work;
            count = parts;
            shares = by;
            failure = null;
            for (int i = 0; i < threads(); i++) {
                claimed.setPlain(i, 0);
            }
            open = true;
            job++;
            wake(Math.min(threads.length, parts - 1));
            takeParts(0);
        } finally {
            open = false;
            // A worker counts itself in before it looks whether the job is open: when none is inside, none will be.
            for (int spins = 0; inside.get() != 0; spins++) {
                pause(spins);
            }
            task = null;
            Throwable thrown = failure;
            taken.set(false);
            if (thrown != null) {
                Workers.<RuntimeException>rethrow(thrown);
            }
        }
    }

    private static void runAll(int parts, Task work) {
        for (int i = 0; i < parts; i++) {
            work.run(i, 0);
        }
    }

    private void wake(int workers) {
        for (int i = 0; i < workers; i++) {
            if (parked.get(i) != 0) {
                LockSupport.unpark(threads[i]);
            }
        }
    }

    private void takeParts(int worker) {
        try {
            for (int i = 0; i < threads(); i++) {
                takeParts(worker, (worker + i) % threads());
            }
        } catch (Throwable e) {
            failure = e;
            for (int i = 0; i < threads(); i++) {
                claimed.set(i, count);
            }
        }
    }

    /** Takes parts of a thread. */
    private void takeParts(int worker, int of) {
        int own = partsOf(of);
        // Only who finds some left writes, since all threads look at all counters in the end.
        while (claimed.get(of) < own) {
            int i = claimed.getAndIncrement(of);
            if (i < own) {
                task.run(switch (shares) {
                    case NONE -> i;
                    case TURNS -> threads() * i + of;
                    case NEIGHBOURS -> firstNeighbour(of) + i;
                }, worker);
            }
        }
    }

    /** How many parts are those of a thread. Where there are no shares, all count as those of the first. */
    private int partsOf(int thread) {
        if (shares == Shares.NONE) {
            return thread == 0 ? count : 0;
        }
        return firstNeighbour(thread + 1) - firstNeighbour(thread);
    }

    /** How many parts come before those of a thread, if neighbours are together. */
    private int firstNeighbour(int thread) {
        return count / threads() * thread + Math.min(count % threads(), thread);
    }

    private void serve(int worker) {
        long seen = 0;
        while (!closed) {
            if (job != seen) {
                seen = job;
                inside.incrementAndGet();
                try {
                    if (open) {
                        takeParts(worker + 1);
                    }
                } catch (Throwable late) {
                    // The JVM may deliver the fault of a memory access only when takeParts has returned.
                    failure = late;
                } finally {
                    inside.decrementAndGet();
                }
            } else {
                awaitJob(worker, seen);
            }
        }
    }

    private void awaitJob(int worker, long seen) {
        long start = System.nanoTime();
        for (int spins = 0; job == seen && !closed; spins++) {
            Thread.onSpinWait();
            if ((spins & 63) == 63 && System.nanoTime() - start > SPIN_NANOS) {
                parked.set(worker, 1);
                // Both are volatile: either the caller sees the flag, or this sees the caller's job.
                while (job == seen && !closed) {
                    LockSupport.park(this);
                }
                parked.set(worker, 0);
                return;
            }
        }
    }

    private static void pause(int spins) {
        // The worker that is still inside may need this very core.
        if (spins < 10_000) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    @SuppressWarnings("unchecked")
    static <E extends Throwable> void rethrow(Throwable thrown) throws E {
        throw (E) thrown;
    }

    /** Stops the threads. */
    @Override
    public void close() {
        closed = true;
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
        }
    }
}
