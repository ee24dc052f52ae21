package dev.bert4j.bench;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.TypeConversionException;

/** Runs a benchmark with what its command line says. */
final class Arguments {
    private Arguments() {
    }

    /** Reads the options into the benchmark and calls it; what is wrong with them is one sentence and exit code 2. */
    static void run(Callable<Void> benchmark, String... args) {
        System.exit(of(benchmark).execute(args));
    }

    /** A command line that fills in a benchmark's options and calls it. */
    static CommandLine of(Callable<Void> benchmark) {
        return new CommandLine(benchmark).setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(Pattern.class, Arguments::pattern)
                .registerConverter(Section.class, Arguments::section)
                .setParameterExceptionHandler((e, args) -> wrongUse(e.getCommandLine(), e.getMessage()))
                .setExecutionExceptionHandler((e, command, result) -> {
                    if (e instanceof IllegalArgumentException) {
                        return wrongUse(command, e.getMessage());
                    }
                    throw e;
                });
    }

    private static Pattern pattern(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new TypeConversionException("'" + text + "' is no regular expression: " + e.getDescription() + ".");
        }
    }

    private static Section section(String text) {
        List<Section> all = List.of(Section.values());
        return all.stream().filter(section -> section.toString().equals(text)).findFirst().orElseThrow(() ->
                new TypeConversionException("there is no section '" + text + "'; there are " + all + "."));
    }

    private static int wrongUse(CommandLine command, String sentence) {
        command.getErr().println("bench: " + sentence + " (--help explains.)");
        return ExitCode.USAGE;
    }

    /** The value of an option that counts something. */
    static int positive(String option, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(option + " is " + value + "; it must be at least 1.");
        }
        return value;
    }

    /** The value of an option that is a length of time in seconds, as nanoseconds. */
    static long nanos(String option, double seconds) {
        if (!(seconds >= 0 && seconds <= 86_400)) {
            throw new IllegalArgumentException(option + " is " + seconds + "; it must be seconds from 0 to 86400.");
        }
        return Math.round(1e9 * seconds);
    }
}
