package dev.bert4j.hub;

import java.nio.file.Path;
import java.util.Map;

/** Another process that downloads a model: the arguments are the endpoint, the cache and the model's name. */
final class DownloadMain {
    private DownloadMain() {
    }

    static void main(String[] args) throws Exception {
        HubOptions options = HubOptions.defaults().withEndpoint(args[0]).withCacheDir(Path.of(args[1]))
                .withEnvironment(Map.of("HOME", args[1]));
        try {
            System.out.println(Hub.model(args[2], options));
        } catch (HubException e) {
            System.out.println(e.reason() + ": " + e.getMessage());
        }
    }
}
