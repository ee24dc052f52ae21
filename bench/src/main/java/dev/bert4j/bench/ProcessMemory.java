package dev.bert4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The memory of this process in MiB, as Linux accounts for it.
 *
 * <p>{@code RssAnon + RssShmem} is what the process holds for itself. {@code RssFile} is pages of mapped files, which
 * the kernel shares between processes and can take back: the weights, but the JDK's own libraries and archives, too. So
 * the pages of the weights are also counted by themselves, from smaps, and what is beyond them given as well.
 */
final class ProcessMemory {
    private static final Path PROC = Path.of("/proc/self");
    private static final Set<String> ROLLUP = Set.of("Rss", "Pss", "Private_Clean", "Private_Dirty", "Shared_Clean",
            "Anonymous");

    private ProcessMemory() {
    }

    /** The figures by name; none on a system without /proc. */
    static Map<String, Double> read(Path weights) throws IOException {
        Map<String, Double> figures = new LinkedHashMap<>();
        if (!Files.isReadable(PROC.resolve("smaps_rollup"))) {
            return figures;
        }
        for (String line : Files.readAllLines(PROC.resolve("status"))) {
            if (line.startsWith("VmRSS") || line.startsWith("Rss")) {
                figures.put(name(line), mebibytes(line));
            }
        }
        for (String line : Files.readAllLines(PROC.resolve("smaps_rollup"))) {
            if (ROLLUP.contains(name(line))) {
                figures.put("rollup." + name(line), mebibytes(line));
            }
        }
        double mapped = mapped(weights.toRealPath().toString());
        figures.put("weights_mapped", mapped);
        figures.put("beyond_weights", figures.get("VmRSS") - mapped);
        figures.put("anon_and_shmem", figures.get("RssAnon") + figures.get("RssShmem"));
        return figures;
    }

    /** The resident pages of a file. */
    private static double mapped(String file) throws IOException {
        double sum = 0;
        boolean inside = false;
        for (String line : Files.readAllLines(PROC.resolve("smaps"))) {
            if (Character.digit(line.charAt(0), 16) >= 0 && line.indexOf('-') > 0 && !line.startsWith("Anon")) {
                inside = line.endsWith(file);
            } else if (inside && line.startsWith("Rss:")) {
                sum += mebibytes(line);
            }
        }
        return sum;
    }

    private static String name(String line) {
        return line.substring(0, Math.max(0, line.indexOf(':')));
    }

    private static double mebibytes(String line) {
        return Long.parseLong(line.replaceAll(".*:\\s*|\\s*kB", "")) / 1024.0;
    }
}
