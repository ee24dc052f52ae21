package dev.bert4j;

import dev.bert4j.backend.NativeCpu;
import dev.bert4j.backend.OpenClDevices;
import dev.bert4j.backend.opencl.OpenClBackend;
import dev.bert4j.backend.reference.ReferenceBackend;
import dev.bert4j.backend.vector.VectorBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where the reference's answers lie. */
public final class Golden {
    private static final Path RESOURCES = Path.of("src", "test", "resources", "golden");

    private Golden() {
    }

    /** What lies among the test resources, for tests that know the sizes of its models. */
    public static Path resources() {
        return RESOURCES;
    }

    /** The folder named by the system property golden, else the one among the test resources. */
    public static Path folder() {
        String folder = System.getProperty("golden", "");
        return folder.isEmpty() ? RESOURCES : Path.of(folder);
    }

    /** The real vocabulary "cased" or "uncased": from the folder vocab beside folder(), else from the resources. */
    public static Path vocabulary(String name) {
        String file = "bert-base-" + name + ".txt";
        Path beside = folder().resolveSibling("vocab").resolve(file);
        return Files.exists(beside) ? beside : RESOURCES.resolve("vocab").resolve(file);
    }

    /**
     * The backends to test: all that this machine has, or the one of the system property {@code backend} or {@code
     * dev.bert4j.backend}.
     */
    public static List<String> backends() {
        String only = System.getProperty("backend", "");
        if (only.isEmpty()) {
            only = System.getProperty("dev.bert4j.backend", "");
        }
        if (!only.isEmpty()) {
            return List.of(only);
        }
        List<String> names = new ArrayList<>(List.of(ReferenceBackend.NAME, VectorBackend.NAME));
        if (NativeCpu.any()) {
            names.add(VectorBackend.NATIVE);
        }
        if (OpenClDevices.any()) {
            names.add(OpenClBackend.NAME);
        }
        return names;
    }
}
