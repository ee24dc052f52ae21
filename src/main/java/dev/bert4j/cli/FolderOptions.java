package dev.bert4j.cli;

import dev.bert4j.hub.HubOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of every command: which model folder, and in what form to answer. */
final class FolderOptions {
    /** The system property with the folder of the model that is used where none is named. */
    static final String DEFAULT_MODEL = "dev.bert4j.model";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--model", paramLabel = "MODEL",
            description = "Model folder with config.json, the weights and the vocabulary, or the name of a model "
                    + "at the hub; by default the demo model, which can only fill masks.")
    private String model;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    FolderOptions() {
    }

    boolean json() {
        return json;
    }

    /** What a command needs of a model at the hub: a method of {@link dev.bert4j.hub.Hub}. */
    @FunctionalInterface
    interface Source {
        Path folder(String name, HubOptions options) throws IOException;
    }

    /** As {@link #folder}, for a task that the default model was not made for, so that one must be named. */
    Path named(Source source) throws IOException {
        if (model == null) {
            throw new ParameterException(spec.commandLine(), "No model is named; name one that was trained for this"
                    + " task with --model MODEL.");
        }
        return folder(null, source);
    }

    /**
     * The folder to open: the one given in another way, that of the option, or the default. A name of a model that is
     * no folder here is fetched.
     */
    Path folder(String given, Source source) throws IOException {
        String named = given != null ? given : model != null ? model : System.getProperty(DEFAULT_MODEL);
        if (named == null) {
            throw new ParameterException(spec.commandLine(),
                    "There is no default model here; name one with --model DIR.");
        }
        Path folder = Path.of(named);
        if (given == null && (named.endsWith(".safetensors") || named.endsWith(".bin"))) {
            throw new ParameterException(spec.commandLine(), "--model names the file " + folder
                    + ", but it must be the folder that holds it, with config.json and vocab.txt.");
        }
        return Files.exists(folder) ? folder
                : source.folder(named, HubArguments.watched(HubOptions.defaults(), spec.commandLine().getErr()));
    }
}
