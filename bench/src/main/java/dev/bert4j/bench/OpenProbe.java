package dev.bert4j.bench;

import java.io.IOException;
import java.util.List;

/**
 * The fresh JVM that {@link OpenTime} starts: opens the model, answers a first short text, then does work a number of
 * times and looks at its own memory. Prints {@code name value} lines.
 */
final class OpenProbe {
    private OpenProbe() {
    }

    public static void main(String[] args) throws IOException {
        EngineName name = EngineName.valueOf(args[0]);
        int threads = Integer.parseInt(args[1]);
        int calls = Integer.parseInt(args[2]);
        Work work = Work.of(args[3]);

        long begin = System.nanoTime();
        try (Engine engine = name.open(threads)) {
            report("open_ms", (System.nanoTime() - begin) / 1e6);
            try (LocalCall call = prepare(engine, Work.of("1x8").texts())) {
                long start = System.nanoTime();
                call.run();
                report("first_answer_ms", (System.nanoTime() - start) / 1e6);
            }
            try (LocalCall call = prepare(engine, work.texts()); PeakMemory peak = new PeakMemory()) {
                for (int i = 0; i < calls; i++) {
                    call.run();
                }
                report("peak_anon_and_shmem", peak.mebibytes());
            }
            ProcessMemory.read(name.weights()).forEach((key, mebibytes) -> report(key, mebibytes));
        }
    }

    private static LocalCall prepare(Engine engine, List<int[]> texts) {
        return (LocalCall) engine.prepare(texts, Batches.GIVEN.plans(texts).getFirst());
    }

    private static void report(String name, double value) {
        System.out.println(name + ' ' + value);
    }
}
