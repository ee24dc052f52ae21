package dev.bert4j.cli;

import dev.bert4j.hub.HubOptions;
import dev.bert4j.hub.HubProgress;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options of the commands that have to do with the hub and its cache. */
final class HubArguments {
    @Option(names = "--cache-dir", paramLabel = "DIR",
            description = "The cache; by default that of HF_HUB_CACHE, of HF_HOME, or ~/.cache/huggingface/hub.")
    private Path cacheDir;

    HubArguments() {
    }

    /** The hub and the cache that the environment names, or that of the option. */
    HubOptions hub() {
        return HubOptions.defaults().withCacheDir(cacheDir);
    }

    /** With a line that shows the progress, if somebody is there to see it. */
    static HubOptions watched(HubOptions options, PrintWriter err) {
        HubProgress progress = Terminal.err() ? new DownloadProgress(err) : HubProgress.NONE;
        return options.withProgress(progress);
    }
}
