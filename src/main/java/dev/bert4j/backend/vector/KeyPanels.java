package dev.bert4j.backend.vector;

import dev.bert4j.backend.KeyValues;
import dev.bert4j.backend.cpu.CpuKeyValues;
import dev.bert4j.backend.cpu.Floats;
import java.util.List;

/** Where the keys and values of the texts lie, in panels of tokens. */
interface KeyPanels {
    /** Tokens of a panel. */
    int lanes();

    /** The lane of the first panel of a text, or of all texts, that holds the first key of the text. */
    int first(int text);

    /** What holds the keys of a panel that first(text) counts from. */
    float[] keys(int text, int panel);

    /** The same of the values. */
    float[] values(int text, int panel);

    /** Where a feature of a panel begins in what holds its keys. */
    int keysAt(int panel, int feature);

    /** The same in what holds its values. */
    int valuesAt(int panel, int feature);

    /** In activations of a call, of all texts. */
    final class OfCall implements KeyPanels {
        private Panels k;
        private Panels v;
        private int[] starts;

        /** {@code keyStarts} says where the keys of each text begin. */
        OfCall set(Panels keys, Panels values, int[] keyStarts) {
            k = keys;
            v = values;
            starts = keyStarts;
            return this;
        }

        @Override
        public int lanes() {
            return k.lanes();
        }

        @Override
        public int first(int text) {
            return starts[text];
        }

        /** The keys of all texts. */
        Floats keys() {
            return k.floats();
        }

        /** The values of all texts. */
        Floats values() {
            return v.floats();
        }

        @Override
        public float[] keys(int text, int panel) {
            return k.values();
        }

        @Override
        public float[] values(int text, int panel) {
            return v.values();
        }

        @Override
        public int keysAt(int panel, int feature) {
            return k.at(panel, feature);
        }

        @Override
        public int valuesAt(int panel, int feature) {
            return v.at(panel, feature);
        }
    }

    /** Kept from earlier calls, one entry a text. */
    record Kept(List<KeyValues> texts) implements KeyPanels {
        @Override
        public int lanes() {
            return CpuKeyValues.LANES;
        }

        @Override
        public int first(int text) {
            return 0;
        }

        @Override
        public float[] keys(int text, int panel) {
            return ((CpuKeyValues) texts.get(text)).keys(panel);
        }

        @Override
        public float[] values(int text, int panel) {
            return ((CpuKeyValues) texts.get(text)).values(panel);
        }

        @Override
        public int keysAt(int panel, int feature) {
            return feature * CpuKeyValues.LANES;
        }

        @Override
        public int valuesAt(int panel, int feature) {
            return feature * CpuKeyValues.LANES;
        }
    }
}
