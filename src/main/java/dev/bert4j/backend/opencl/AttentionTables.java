package dev.bert4j.backend.opencl;

import dev.bert4j.backend.AttentionMask;
import dev.bert4j.backend.AttentionSpec;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the attention kernel is told of the texts; the same for all layers of a call.
 *
 * @param texts eight numbers a text: see the kernel
 * @param tiles four numbers a work-group
 * @param visible for each query, how many of the leading keys weigh anything
 * @param masks what is added to scores, mask after mask
 */
record AttentionTables(int[] texts, int[] tiles, int[] visible, float[] masks) {
    private static final int TEXT_FIELDS = 8;
    private static final int TILE_FIELDS = 4;

    static AttentionTables of(AttentionSpec spec, int[] keysFrom, int queriesOfTile) {
        int[] texts = new int[TEXT_FIELDS * spec.texts()];
        int[] visible = new int[spec.starts()[spec.texts()]];
        List<int[]> tiles = new ArrayList<>();
        List<float[]> masks = new ArrayList<>();
        Map<float[], Integer> places = new IdentityHashMap<>();
        int maskValues = 0;
        for (int text = 0; text < spec.texts(); text++) {
            AttentionMask mask = spec.masks().get(text);
            int length = spec.length(text);
            int start = spec.starts()[text];
            int place = -1;
            if (mask.additive() != null) {
                Integer known = places.putIfAbsent(mask.additive(), maskValues);
                place = known == null ? maskValues : known;
                if (known == null) {
                    masks.add(mask.additive());
                    maskValues = Math.addExact(maskValues, mask.additive().length);
                }
            }
            int[] fields = {start, length, keysFrom[text], spec.keys(text), place, mask.perQuery() ? 1 : 0,
                mask.causal() ? 1 : 0, 0};
            System.arraycopy(fields, 0, texts, TEXT_FIELDS * text, TEXT_FIELDS);
            for (int query = 0; query < length; query++) {
                visible[start + query] = mask.causal() || query == 0 ? spec.visibleKeys(text, query) : visible[start];
            }
            for (int first = 0; first < length; first += queriesOfTile) {
                int most = 0;
                for (int query = first; query < Math.min(length, first + queriesOfTile); query++) {
                    most = Math.max(most, visible[start + query]);
                }
                tiles.add(new int[] {text, first, most, 0});
            }
        }
        return new AttentionTables(texts, joined(tiles), visible, joined(masks, maskValues));
    }

    private static int[] joined(List<int[]> tiles) {
        int[] all = new int[TILE_FIELDS * tiles.size()];
        for (int i = 0; i < tiles.size(); i++) {
            System.arraycopy(tiles.get(i), 0, all, TILE_FIELDS * i, TILE_FIELDS);
        }
        return all;
    }

    private static float[] joined(List<float[]> masks, int count) {
        float[] all = new float[Math.max(count, 1)];
        int at = 0;
        for (float[] mask : masks) {
            System.arraycopy(mask, 0, all, at, mask.length);
            at += mask.length;
        }
        return all;
    }

    /** With the places where the probabilities of each text begin, which there are only where they are asked for. */
    AttentionTables withProbabilities(AttentionSpec spec) {
        int[] placed = texts.clone();
        for (int text = 0; text < spec.texts(); text++) {
            placed[TEXT_FIELDS * text + TEXT_FIELDS - 1] = spec.probabilitiesStart(text);
        }
        return new AttentionTables(placed, tiles, visible, masks);
    }
}
