package dev.bert4j.tokenizer;

import java.util.Arrays;

/**
 * A run of combining marks on its way into canonical order (ascending class, stable). Marks that will be dropped take
 * part as well: the reference lets the marks keep their places in the original text while their order changes, so a
 * dropped mark can hand its place to one that stays.
 */
final class MarkRun {
    /** Form of a mark that is dropped after ordering. */
    static final int DROPPED = -1;
    /** Source of a mark that came out of the decomposition of the character before it, and has no place of its own. */
    static final int NO_SOURCE = -1;

    // Class above, position in the run below: sorting the keys sorts the run stably.
    private long[] keys = new long[8];
    private int[] forms = new int[8];
    private int[] sources = new int[8];
    private int size;
    private int kept;

    /** Whether any mark of the run is not dropped. */
    boolean keepsAny() {
        return kept > 0;
    }

    void clear() {
        size = 0;
        kept = 0;
    }

    /**
     * @param form the code point, or {@link #DROPPED}
     * @param combiningClass 1 to 254
     * @param source index in the original text, or {@link #NO_SOURCE}
     */
    void add(int form, int combiningClass, int source) {
        if (size == keys.length) {
            keys = Arrays.copyOf(keys, size * 2);
            forms = Arrays.copyOf(forms, size * 2);
            sources = Arrays.copyOf(sources, size * 2);
        }
        keys[size] = ((long) combiningClass << 32) | size;
        forms[size] = form;
        sources[size++] = source;
        kept += form == DROPPED ? 0 : 1;
    }

    /**
     * Orders the run and hands the original places out again, first place to first mark.
     *
     * @param before index of the original character before the run
     */
    void order(int before) {
        Arrays.sort(keys, 0, size);
        int[] orderedForms = new int[keys.length];
        int[] orderedSources = new int[keys.length];
        int place = before;
        int next = 0;
        for (int k = 0; k < size; k++) {
            int from = (int) keys[k];
            if (sources[from] != NO_SOURCE) {
                while (sources[next] == NO_SOURCE) {
                    next++;
                }
                place = sources[next++];
            }
            orderedForms[k] = forms[from];
            orderedSources[k] = place;
        }
        forms = orderedForms;
        sources = orderedSources;
    }

    int size() {
        return size;
    }

    int form(int k) {
        return forms[k];
    }

    int source(int k) {
        return sources[k];
    }
}
