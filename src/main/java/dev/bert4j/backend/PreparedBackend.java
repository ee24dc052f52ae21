package dev.bert4j.backend;

import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.weights.WeightTensor;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * A backend of the CPU that is made while a model is opened: to load the C kernels takes a JVM a tenth of a second, the
 * first time, and weights stay where they are, whoever computes with them. Whoever asks for more waits for it.
 */
final class PreparedBackend implements Backend {
    private final FutureTask<Backend> backend;

    PreparedBackend(Supplier<Backend> maker) {
        backend = new FutureTask<>(maker::get);
        Thread.ofPlatform().daemon().name("bert4j-backend").inheritInheritableThreadLocals(false).start(backend);
    }

    private Backend backend() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return backend.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("The CPU's backend could not be made: " + e.getCause().getMessage(), e);
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

    @Override
    public void close() {
        backend().close();
    }
}
