package dev.bert4j.bench;

import java.io.IOException;
import java.util.List;

/** What is measured beside the rows, each with a table of its own. */
record Sections(Report report, List<BenchModel> models, boolean quick, Pace pace, Roofline roofline) {
    /** The names of all of them. */
    static final String ALL = "concurrency,service,precision,accuracy,allocation,cold-start,scaling";
    /** Those that take minutes only. */
    static final String QUICK = "concurrency,allocation,cold-start";
    /** The name of no section. */
    static final String NONE = "none";

    /** Runs those of that names, with commas between. */
    void run(String names) throws IOException, InterruptedException {
        for (String name : names.split(",")) {
            switch (name) {
                case "concurrency" -> Concurrency.measure(this);
                case "service" -> ServiceLoad.measure(this);
                case "precision" -> Precisions.measure(this);
                case "accuracy" -> Accuracy.measure(this);
                case "allocation" -> Allocation.measure(this);
                case "cold-start" -> ColdStart.measure(this);
                case "scaling" -> Scaling.measure(this);
                case NONE -> { }
                default -> throw new IllegalArgumentException("There is no section '" + name + "'; there are " + ALL
                        + " and " + NONE + ".");
            }
        }
    }

    /** Runs a call until C2 is done with it. */
    void warmUp(Call call) {
        new Turn(pace).warmUp(call, pace.warmupNanos());
    }

    int threads() {
        return roofline.threads();
    }
}
