package dev.bert4j.bench;

import java.io.IOException;

/**
 * The fresh JVM that {@link OpenTime} starts: opens the model, answers a first short text, then answers 1×128 a number
 * of times and looks at its own memory. Prints {@code name value} lines.
 */
final class OpenProbe {
    private OpenProbe() {
    }

    public static void main(String[] args) throws IOException {
        EngineName name = EngineName.of(args[0]);
        int threads = Integer.parseInt(args[1]);
        int calls = Integer.parseInt(args[2]);

        long begin = System.nanoTime();
        try (Engine engine = name.open(threads)) {
            report("open_ms", (System.nanoTime() - begin) / 1e6);
            try (Engine.Call call = engine.prepare(ModelFolder.text(8))) {
                long start = System.nanoTime();
                call.run();
                report("first_answer_ms", (System.nanoTime() - start) / 1e6);
            }
            try (Engine.Call call = engine.prepare(ModelFolder.text(128))) {
                for (int i = 0; i < calls; i++) {
                    call.run();
                }
            }
            ProcessMemory.read(name.weights()).forEach((key, mebibytes) -> report(key, mebibytes));
        }
    }

    private static void report(String name, double value) {
        System.out.println(name + ' ' + value);
    }
}
