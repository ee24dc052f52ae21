package dev.bert4j.model;

import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.Session;
import java.util.Arrays;

/** The hooks of one module: null for none, and never changed but replaced, so that a call reads them without a lock. */
final class ForwardHooks {
    private volatile Registration[] registered;

    ForwardHook.Handle register(ForwardHook hook) {
        Registration registration = new Registration(hook);
        synchronized (this) {
            Registration[] before = registered == null ? new Registration[0] : registered;
            Registration[] after = Arrays.copyOf(before, before.length + 1);
            after[before.length] = registration;
            registered = after;
        }
        return registration;
    }

    boolean isEmpty() {
        return registered == null;
    }

    /** Shows an output to all hooks; closes it if one of them fails, for nobody else has it yet. */
    void show(BertModule module, Session session, Activation output) {
        Registration[] now = registered;
        if (now == null) {
            return;
        }
        try {
            for (Registration registration : now) {
                registration.hook.accept(module,
                        Tensor.of(session.download(output), output.tokens(), output.features()));
            }
        } catch (Throwable e) {
            output.close();
            throw e;
        }
    }

    /** An object of its own, so that a hook can be registered twice and removed once. */
    private final class Registration implements ForwardHook.Handle {
        private final ForwardHook hook;

        private Registration(ForwardHook hook) {
            this.hook = hook;
        }

        @Override
        public void close() {
            synchronized (ForwardHooks.this) {
                Registration[] before = registered == null ? new Registration[0] : registered;
                Registration[] after = Arrays.stream(before).filter(other -> other != this)
                        .toArray(Registration[]::new);
                registered = after.length == 0 ? null : after;
            }
        }
    }
}
