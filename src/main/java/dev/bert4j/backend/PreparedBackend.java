package dev.bert4j.backend;

import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.weights.WeightTensor;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * A backend of the CPU that is made by a thread of its own, once a model is open: to load the C kernels, or the classes
 * of the Vector API, takes a JVM a tenth of a second, the first time, and weights stay where they are, whoever computes
 * with them. Whoever asks for more waits for it. Not sooner, because opening has work for several processors already,
 * with the threads of the JIT.
 */
final class PreparedBackend implements Backend {
    private final FutureTask<Backend> backend;
    private final Thread thread;
    private boolean started;
    private boolean closed;

    /** Makes the backend. */
    interface Maker extends Callable<Backend> {
        /** Makes it. */
        Backend make();

        /** Says in the log what was made; nobody waits for that. */
        void log(Backend backend);

        @Override
        default Backend call() {
            return make();
        }
    }

    PreparedBackend(Maker maker) {
        backend = new FutureTask<>(maker);
        thread = new Thread(null, new Making(backend, maker), "bert4j-backend", 0, false);
        thread.setDaemon(true);
    }

    @Override
    public synchronized void prepare() {
        if (!started && !closed) {
            thread.start();
            started = true;
        }
    }

    private record Making(FutureTask<Backend> backend, Maker maker) implements Runnable {
        @Override
        public void run() {
            backend.run();
            if (backend.state() == Future.State.SUCCESS) {
                maker.log(backend.resultNow());
            }
        }
    }

    private Backend backend() {
        prepare();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return backend.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (CancellationException e) {
            throw new IllegalStateException("The backend was closed before it was made.", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("The CPU's backend could not be made: " + e.getCause(), e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public String name() {
        return backend().name();
    }

    @Override
    public String description() {
        return backend().description();
    }

    @Override
    public Parameter parameter(WeightTensor weight) {
        return new CpuParameter(weight);
    }

    @Override
    public Session open(int tokens) {
        return backend().open(tokens);
    }

    /** Waits until it is made, and until the log has its line; if it was never asked for, it is not made any more. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            if (!started) {
                backend.cancel(false);
                return;
            }
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (backend.state() == Future.State.SUCCESS) {
            backend.resultNow().close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
