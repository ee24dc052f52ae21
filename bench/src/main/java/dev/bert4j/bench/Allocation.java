package dev.bert4j.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;

/**
 * Bytes that a call takes from the Java heap, on all threads together, when everything is compiled. The arrays of the
 * result are taken off: they are what the caller asked for.
 */
final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ARRAY_HEADER = 16;
    /** Nothing is to be gained any more when a second of calls brings less than this. */
    private static final double SETTLED = 0.98;

    private Allocation() {
    }

    static void measure(SectionContext context) {
        Report report = context.report();
        report.heading("Bytes allocated by a call, " + context.threads() + " threads, result aside", "model", "work",
                "median", "least", "result");
        for (BenchModel model : context.models()) {
            try (Bert4j engine = new Bert4j(model.folder(), context.threads())) {
                for (String name : context.quick() ? List.of("1x8", "1x128") : List.of("1x8", "1x128", "8x128",
                        "ragged32")) {
                    Work work = Work.of(name);
                    Bert4j.Forward call = engine.prepare(work.texts(), null);
                    long result = warmUp(call, work, context.quick() ? 6 : 20);
                    double[] bytes = new double[21];
                    for (int i = 0; i < bytes.length; i++) {
                        bytes[i] = allocated(call) - result;
                    }
                    Arrays.sort(bytes);
                    report.cells(model.name(), name, bytes[bytes.length / 2], bytes[0], result);
                    report.section("allocation", "model", model.name(), "work", name, "threads", context.threads(),
                            "bytes", bytes[bytes.length / 2], "least_bytes", bytes[0], "result_bytes", result);
                }
            }
        }
    }

    /**
     * Runs until C2 is done, which shows in the bytes themselves: while a kernel is interpreted, every vector is an
     * object. Returns the size of a result.
     */
    private static long warmUp(Bert4j.Forward call, Work work, int most) {
        double before = Double.MAX_VALUE;
        for (int i = 0; i < most; i++) {
            call.take(0, 10, 1_000_000_000L);
            double now = allocated(call);
            if (now >= SETTLED * before) {
                break;
            }
            before = now;
        }
        return result(call, work);
    }

    private static double allocated(LocalCall call) {
        long before = THREADS.getTotalThreadAllocatedBytes();
        call.run();
        return THREADS.getTotalThreadAllocatedBytes() - before;
    }

    /** The arrays of values; texts of one length share two, others have two each. */
    private static long result(Bert4j.Forward call, Work work) {
        long values = (long) call.values().length + call.pooled().length;
        return values * Float.BYTES + 2L * ARRAY_HEADER * (work.even() ? 1 : work.texts().size());
    }
}
