package dev.bert4j.bench;

import java.util.List;

/** What the measurements beside the rows have in common. */
record SectionContext(Report report, List<BenchModel> models, boolean quick, Pace pace, Roofline roofline) {
    /** Runs a call until C2 is done with it. */
    void warmUp(Call call) {
        new Turn(pace).warmUp(call, pace.warmupNanos());
    }

    int threads() {
        return roofline.threads();
    }
}
