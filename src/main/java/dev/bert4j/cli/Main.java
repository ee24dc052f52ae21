package dev.bert4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The command {@code bert} and its sub-commands. */
@Command(name = "bert", mixinStandardHelpOptions = true, versionProvider = Version.class,
        description = "BERT on the JVM.", footer = {"", "Exit codes: 0 done, 1 failed, 2 wrong use."})
public final class Main implements Runnable {
    private static final int FAILED = 1;
    private static final List<Class<?>> COMMANDS = List.of(FillMaskCommand.class, ClassifyCommand.class,
            NerCommand.class, AnswerCommand.class, EmbedCommand.class, SimilarityCommand.class, SearchCommand.class,
            RerankCommand.class, AttentionCommand.class, TokenizeCommand.class, InfoCommand.class,
            DevicesCommand.class, ConvertCommand.class, QuantizeCommand.class, DownloadCommand.class,
            CacheCommand.class, BenchCommand.class, CompletionCommand.class);

    @Spec
    private CommandSpec spec;

    Main() {
    }

    /** Runs the command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int code = run(out, err, args);
        if (out.checkError() && code == 0) {
            err.println("bert: the output could not be written.");
            code = FAILED;
        }
        System.exit(code);
    }

    /** Runs the command and returns its exit code. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine line = new CommandLine(new Main());
        // To read the annotations of a class takes some twenty milliseconds: where one command is named, of that alone.
        List<Class<?>> named = COMMANDS.stream().filter(command -> args.length > 0 && name(command).equals(args[0]))
                .toList();
        (named.isEmpty() ? COMMANDS : named).forEach(line::addSubcommand);
        line.setOut(out).setErr(err).setUsageHelpAutoWidth(true)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setColorScheme(Help.defaultColorScheme(Terminal.colors() ? Help.Ansi.ON : Help.Ansi.OFF))
                .setParameterExceptionHandler(Main::wrongUse).setExecutionExceptionHandler(Main::failed);
        try {
            return line.execute(args);
        } catch (OutOfMemoryError e) {
            err.println("bert: the " + (Runtime.getRuntime().maxMemory() >> 20) + " MB that the JVM may use are not"
                    + " enough; give shorter or fewer texts at a time, or more memory with JAVA_TOOL_OPTIONS=-Xmx4g.");
            return FAILED;
        }
    }

    /** The command with all its sub-commands. */
    static CommandLine whole() {
        CommandLine line = new CommandLine(new Main());
        COMMANDS.forEach(line::addSubcommand);
        return line;
    }

    private static String name(Class<?> command) {
        return command.getAnnotation(Command.class).name();
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command? One of "
                + String.join(", ", spec.subcommands().keySet()) + ".");
    }

    private static int wrongUse(ParameterException e, String[] args) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        e.getCommandLine().getErr().println("bert: " + e.getMessage() + " (" + command + " --help explains.)");
        return CommandLine.ExitCode.USAGE;
    }

    /** What a person can mend is one sentence; anything else is ours to mend and shows where it happened. */
    private static int failed(Exception e, CommandLine command, ParseResult result) throws Exception {
        if (e instanceof IllegalArgumentException) {
            return wrongUse(new ParameterException(command, e.getMessage()), new String[0]);
        }
        if (e instanceof UncheckedIOException reading) {
            return failed(reading.getCause(), command, result);
        }
        if (e instanceof IOException || e instanceof IllegalStateException) {
            command.getErr().println("bert: " + (e instanceof FileSystemException file ? sentence(file)
                    : e.getMessage()));
            return FAILED;
        }
        throw e;
    }

    /** What such an exception is by its type; by itself it says no more than the path, or that and a word. */
    static String sentence(FileSystemException e) {
        String reason = e.getReason();
        return switch (e) {
            case NoSuchFileException _ -> "there is no file " + e.getFile() + ".";
            case AccessDeniedException _ -> e.getFile() + " may not be read or written by this user.";
            case FileAlreadyExistsException _ -> e.getFile() + " is there already.";
            case NotDirectoryException _ -> e.getFile() + " is no folder.";
            case DirectoryNotEmptyException _ -> "the folder " + e.getFile() + " is not empty.";
            default -> e.getFile() == null || reason == null ? e.getMessage() : e.getFile() + ": " + reason + ".";
        };
    }
}
