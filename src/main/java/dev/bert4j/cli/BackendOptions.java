package dev.bert4j.cli;

import dev.bert4j.BertConfig;
import dev.bert4j.LoadOptions;
import dev.bert4j.backend.Backends;
import dev.bert4j.backend.opencl.OpenClBackend;
import dev.bert4j.backend.reference.ReferenceBackend;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of every command that computes. */
final class BackendOptions {
    /** Multiplications that the scalar backend does in some tenths of a second, were each character a token. */
    private static final long LITTLE = 6_000_000_000L;

    private static final String DEVICES = "cpu|" + OpenClBackend.NAMES;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--backend", paramLabel = "NAME",
            description = "What computes: auto, cpu, vector, nativecpu, opencl or reference; by default auto."
                    + " opencl takes a number and a precision of tensor cores, as in opencl:0:tf32x3.")
    private String backend;

    @Option(names = "--device", paramLabel = "NAME",
            description = "Where it computes, by the names of bert devices: cpu, opencl or opencl:N; with"
                    + " :bf16, :tf32 or :tf32x3 behind it by tensor cores.")
    private String device;

    @Option(names = "--threads", paramLabel = "N",
            description = "Threads of a forward pass; by default one a processor.")
    private Integer threads;

    BackendOptions() {
    }

    /**
     * For a single text: where nobody names a backend and there is little to do, the scalar one. It gives the same
     * bits, and before the JIT has compiled the vector kernels it is the faster one.
     */
    LoadOptions load(BertConfig config, int characters) {
        boolean named = isNamed(backend) || isNamed(device) || Backends.asked(null).isPresent();
        long layer = config.hiddenSize() * (4L * config.hiddenSize() + 2L * config.intermediateSize());
        boolean little = layer * config.numHiddenLayers() * characters <= LITTLE;
        return named || !little ? load() : load().withBackend(ReferenceBackend.NAME);
    }

    private static boolean isNamed(String name) {
        return name != null && !name.isBlank();
    }

    LoadOptions load() {
        if (device != null && backend != null) {
            throw new ParameterException(spec.commandLine(), "--device and --backend say the same thing; give one.");
        }
        if (device != null && !device.strip().toLowerCase(Locale.ROOT).matches(DEVICES)) {
            throw new ParameterException(spec.commandLine(), "There is no device '" + device
                    + "'; bert devices lists those that there are.");
        }
        if (threads != null && threads < 1) {
            throw new ParameterException(spec.commandLine(), "--threads must be at least 1, not " + threads + ".");
        }
        return LoadOptions.defaults().withBackend(device != null ? device : backend)
                .withThreads(threads == null ? 0 : threads);
    }
}
