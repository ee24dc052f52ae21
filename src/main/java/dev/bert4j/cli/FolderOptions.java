package dev.bert4j.cli;

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

    @Option(names = "--model", paramLabel = "DIR",
            description = "Model folder with config.json, the weights and vocab.txt; by default the demo model.")
    private Path model;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    FolderOptions() {
    }

    boolean json() {
        return json;
    }

    /** The folder to open: the one given in another way, that of the option, or the default. */
    Path folder(Path given) {
        String byDefault = System.getProperty(DEFAULT_MODEL);
        Path folder = given != null ? given : model != null ? model : byDefault == null ? null : Path.of(byDefault);
        if (folder == null) {
            throw new ParameterException(spec.commandLine(),
                    "There is no default model here; name one with --model DIR.");
        }
        if (given == null && (folder.toString().endsWith(".safetensors") || folder.toString().endsWith(".bin"))) {
            throw new ParameterException(spec.commandLine(), "--model names the file " + folder
                    + ", but it must be the folder that holds it, with config.json and vocab.txt.");
        }
        if (!Files.exists(folder)) {
            throw new ParameterException(spec.commandLine(), "There is no model folder " + folder + ".");
        }
        return folder;
    }
}
