package dev.bert4j.cli;

import dev.bert4j.LoadOptions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of every command that computes. */
final class BackendOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--backend", paramLabel = "NAME",
            description = "What computes: auto, vector or reference; by default auto.")
    private String backend;

    @Option(names = "--threads", paramLabel = "N",
            description = "Threads of a forward pass; by default one a processor.")
    private Integer threads;

    BackendOptions() {
    }

    LoadOptions load() {
        if (threads != null && threads < 1) {
            throw new ParameterException(spec.commandLine(), "--threads must be at least 1, not " + threads + ".");
        }
        return LoadOptions.defaults().withBackend(backend).withThreads(threads == null ? 0 : threads);
    }
}
