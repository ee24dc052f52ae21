package dev.bert4j.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** Where attention probabilities lie, and which keys a mask leaves out. */
class AttentionSpecTest {
    @Test
    void probabilitiesLieTextByText() {
        AttentionSpec spec = new AttentionSpec(2, 4, new int[] {0, 3, 3, 8}, AttentionMask.none(3), null);
        assertEquals(18, spec.probabilitiesStart(1));
        assertEquals(18, spec.probabilitiesStart(2));
        assertEquals(18 + 50, spec.probabilitiesStart(3));
    }

    @Test
    void moreProbabilitiesThanAnArrayHoldsAreRefused() {
        int[] starts = new int[1366];
        for (int text = 0; text < 1365; text++) {
            starts[text + 1] = starts[text] + 512;
        }
        AttentionSpec spec = new AttentionSpec(12, 64, starts, AttentionMask.none(1365), null);
        assertEquals(12 * 512 * 512 * 682, spec.probabilitiesStart(682));
        // Twice what an int holds and a little: it would have come round to a small positive number.
        assertEquals("The attention probabilities of these texts are 4293918720 values, more than an array holds; ask "
                + "for them with fewer texts at a time.", assertThrows(IllegalArgumentException.class,
                        () -> spec.probabilitiesStart(1365)).getMessage());
    }

    @Test
    void onlyMaskedKeysAtTheEndAreLeftOutAndOnlyIfAnyIsNotMasked() {
        float low = -Float.MAX_VALUE;
        assertEquals(3, visible(false, 0, 0, 0));
        assertEquals(2, visible(false, 0, 0, low));
        assertEquals(3, visible(false, 0, low, 0));
        assertEquals(2, visible(false, low, 0, low));
        assertEquals(3, visible(false, low, low, low));
        assertEquals(3, visible(false, low / 2, low, low));
        assertEquals(3, visible(false, 0, low, low / 2));
        assertEquals(3, visible(false, 0, 0, Float.NEGATIVE_INFINITY));
        assertEquals(3, visible(true, 0, 0, low));
        assertEquals(5, AttentionMask.NONE.visibleKeys(4, 5, 5));
    }

    @Test
    void keysBehindACausalQueryAreLeftOutIfAllQueriesSeeTheFirst() {
        float low = -Float.MAX_VALUE;
        assertEquals(1, AttentionMask.CAUSAL.visibleKeys(0, 5, 5));
        assertEquals(5, AttentionMask.CAUSAL.visibleKeys(4, 5, 5));
        assertEquals(7, AttentionMask.CAUSAL.visibleKeys(2, 5, 9), "behind four keys of earlier calls");
        assertEquals(2, causal(0, 0, low, low).visibleKeys(3, 4, 4));
        assertEquals(1, causal(0, low, low, 0).visibleKeys(2, 4, 4));
        assertEquals(4, causal(low, 0, 0, 0).visibleKeys(1, 4, 4), "the first query sees none and so weighs all");
        assertEquals(4, causal(low / 2, 0, 0, low).visibleKeys(1, 4, 4));
    }

    private static AttentionMask causal(float... values) {
        return new AttentionMask(values, false, true);
    }

    private static int visible(boolean perQuery, float... values) {
        return new AttentionMask(values, perQuery, false).visibleKeys(values.length - 1, values.length, values.length);
    }
}
