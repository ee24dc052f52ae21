package dev.bert4j.cli;

import dev.bert4j.hub.HubProgress;
import java.io.PrintWriter;

/** A progress line for each file that is fetched. */
final class DownloadProgress implements HubProgress {
    private final PrintWriter err;
    private String file;
    private Progress progress;

    DownloadProgress(PrintWriter err) {
        this.err = err;
    }

    @Override
    public void update(String name, long done, long total) {
        if (progress == null || !name.equals(file)) {
            end();
            file = name;
            progress = Progress.ofBytes(name, done, total, err);
        }
        progress.total(total);
        progress.stepTo(done);
        if (done == total) {
            end();
        }
    }

    private void end() {
        if (progress != null) {
            progress.close();
            progress = null;
        }
    }
}
