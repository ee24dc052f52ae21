package dev.bert4j.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code bert completion}: the script by which a shell completes commands and options. */
@Command(name = "completion", mixinStandardHelpOptions = true,
        description = "Prints a script that completes commands and options; for Bash and Zsh: "
                + "source <(bert completion)")
final class CompletionCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    CompletionCommand() {
    }

    @Override
    public void run() {
        spec.commandLine().getOut().println(AutoComplete.bash("bert", Main.whole()));
    }
}
