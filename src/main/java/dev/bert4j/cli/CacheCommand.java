package dev.bert4j.cli;

import dev.bert4j.hub.CachedModel;
import dev.bert4j.hub.HubCache;
import dev.bert4j.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bert cache list}, {@code bert cache verify [MODEL]} and {@code bert cache remove MODEL}. */
@Command(name = "cache", mixinStandardHelpOptions = true,
        description = "Lists, checks and removes the models that were downloaded.")
final class CacheCommand implements Runnable {
    private static final int FAULTS = 1;

    @Spec
    private CommandSpec spec;

    CacheCommand() {
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command? One of "
                + String.join(", ", spec.subcommands().keySet()) + ".");
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the models of the cache.")
    int list(@Mixin HubArguments arguments,
            @Option(names = "--json", description = "Print JSON.") boolean json) throws IOException {
        HubCache cache = HubCache.of(arguments.hub());
        List<CachedModel> models = cache.list();
        if (json) {
            out().println(Json.write(models.stream().map(CacheCommand::json).toList()));
            return 0;
        }
        Table table = new Table("model", ">size", ">commits", "revisions");
        for (CachedModel model : models) {
            table.add(model.name(), Sizes.of(model.bytes()), String.valueOf(model.commits().size()),
                    String.join(", ", model.revisions()));
        }
        table.print(out());
        out().println();
        out().println(Sizes.of(models.stream().mapToLong(CachedModel::bytes).sum()) + " in " + cache.folder());
        return 0;
    }

    private static Map<String, Object> json(CachedModel model) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("model", model.name());
        fields.put("folder", model.folder().toString());
        fields.put("bytes", model.bytes());
        fields.put("revisions", model.revisions());
        fields.put("commits", model.commits());
        return fields;
    }

    @Command(name = "verify", mixinStandardHelpOptions = true,
            description = "Compares the content of every file with the hash that it is named by.")
    int verify(@Mixin HubArguments arguments, @Parameters(arity = "0..1", paramLabel = "MODEL",
            description = "The model to check; by default all of them.") String name) throws IOException {
        HubCache cache = HubCache.of(arguments.hub());
        List<String> names = name != null ? List.of(name) : cache.list().stream().map(CachedModel::name).toList();
        int faults = 0;
        for (String model : names) {
            HubCache.Verification result = cache.verify(model);
            out().println(model + ": " + result.checked() + " files checked"
                    + (result.unchecked() == 0 ? "" : ", " + result.unchecked() + " without a hash")
                    + (result.faults().isEmpty() ? ", all well" : ", " + faults(result.faults().size())));
            result.faults().forEach(fault -> out().println("  " + fault));
            faults += result.faults().size();
        }
        return faults == 0 ? 0 : FAULTS;
    }

    private static String faults(int count) {
        return count == 1 ? "1 fault" : count + " faults";
    }

    @Command(name = "remove", mixinStandardHelpOptions = true,
            description = "Removes all that the cache has of a model, without asking, and says what that freed.")
    int remove(@Mixin HubArguments arguments, @Parameters(paramLabel = "MODEL",
            description = "The name of the model.") String name) throws IOException {
        HubCache cache = HubCache.of(arguments.hub());
        out().println(name + ": " + Sizes.of(cache.remove(name)) + " freed in " + cache.folder());
        return 0;
    }
}
