package dev.bert4j.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RowResultTest {
    private static RowResult row(Map<String, List<Samples>> samples) {
        return new RowResult("base 1x8", 2, samples, Map.of("b", "batches of 4"), 2e9, 1e8,
                new Roofline(2, 400, 20));
    }

    private static List<Samples> turns(double first, double second) {
        return List.of(new Samples().addMillis(List.of(first, first, first)),
                new Samples().addMillis(List.of(second, second)));
    }

    @Test
    void comparesWithTheBestPeerByMedians() {
        Map<String, List<Samples>> samples = new LinkedHashMap<>();
        samples.put(Bert4j.NAME, turns(10, 20));
        samples.put("a", turns(40, 40));
        samples.put("b", turns(15, 40));
        RowResult row = row(samples);
        assertEquals("b", row.bestPeer());
        assertEquals(1.5, row.ratio());
        assertArrayEquals(new double[] {1.5, 2}, row.ratiosByRound());
        Map<String, Object> json = row.json();
        assertEquals(List.of("row", "threads", "ours_ms"), json.keySet().stream().limit(3).toList());
        assertEquals(200.0, json.get("gflops"));
        assertEquals(0.5, json.get("share_of_peak"));
        assertEquals(0.5, json.get("share_of_stream"));
        assertTrue(row.table().contains("b, batches of 4"));
        assertEquals(RowResult.HEADER.lines().findFirst().orElseThrow().chars().filter(c -> c == '|').count(),
                row.table().chars().filter(c -> c == '|').count());
    }

    @Test
    void aRowMayBeWithoutPeers() {
        RowResult row = row(Map.of(Bert4j.NAME, turns(10, 20)));
        assertNull(row.bestPeer());
        assertNull(row.json().get("ratio"));
        assertFalse(row.table().isEmpty());
    }

    @Test
    void quantiles() {
        Samples samples = new Samples().addMillis(List.of(5, 1.5, 3L, 2, 4));
        assertEquals(1.5, samples.minMillis());
        assertEquals(3, samples.medianMillis());
        assertEquals(5, samples.quantileMillis(0.99));
        assertEquals(new Spread(3, 1, 5), Spread.of(List.of(5.0, 1.0, 3.0)));
    }
}
