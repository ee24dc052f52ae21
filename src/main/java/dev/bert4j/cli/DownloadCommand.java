package dev.bert4j.cli;

import dev.bert4j.hub.Hub;
import dev.bert4j.hub.HubOptions;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bert download MODEL}. */
@Command(name = "download", mixinStandardHelpOptions = true,
        description = "Fetches what is missing of a model, and prints the folder of the cache that it lies in.")
final class DownloadCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private HubArguments arguments;

    @Option(names = "--revision", paramLabel = "R", defaultValue = "main",
            description = "A branch, a tag or a full commit hash; ${DEFAULT-VALUE} by default.")
    private String revision;

    @Option(names = "--token", paramLabel = "T",
            description = "Who asks; by default HF_TOKEN, where other people of this machine cannot see it.")
    private String token;

    @Parameters(paramLabel = "MODEL", description = "The name of a model at the hub: name or org/name.")
    private String model;

    DownloadCommand() {
    }

    @Override
    public Integer call() throws IOException {
        HubOptions options = arguments.hub().withRevision(revision).withToken(token);
        spec.commandLine().getOut().println(
                Hub.download(model, HubArguments.watched(options, spec.commandLine().getErr())));
        return 0;
    }
}
