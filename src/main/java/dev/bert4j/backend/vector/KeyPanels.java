package dev.bert4j.backend.vector;

import dev.bert4j.backend.KeyValues;
import dev.bert4j.backend.cpu.CpuKeyValues;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Where the keys and values of the texts lie, in panels of tokens. */
interface KeyPanels {
    /** Tokens of a panel. */
    int lanes();

    /** The lane of the first panel of a text, or of all texts, that holds the first key of the text. */
    int first(int text);

    /** The features {@code [feature, feature + rows)} of the keys of a panel that first(text) counts from. */
    MemorySegment keys(int text, int panel, int feature, int rows);

    /** The same of the values. */
    MemorySegment values(int text, int panel, int feature, int rows);

    /** The matrix product with these as weights. */
    Kernels.Product product();

    /** In activations, of all texts; {@code starts} says where the keys of each text begin. */
    static KeyPanels of(Kernels kernels, Panels k, Panels v, int[] starts) {
        return new KeyPanels() {
            @Override
            public int lanes() {
                return (int) (k.laneBytes() / Float.BYTES);
            }

            @Override
            public int first(int text) {
                return starts[text];
            }

            @Override
            public MemorySegment keys(int text, int panel, int feature, int rows) {
                return k.rows(panel, feature, rows);
            }

            @Override
            public MemorySegment values(int text, int panel, int feature, int rows) {
                return v.rows(panel, feature, rows);
            }

            @Override
            public Kernels.Product product() {
                return kernels.memory();
            }
        };
    }

    /** Kept from earlier calls, one entry a text. */
    static KeyPanels of(Kernels kernels, List<KeyValues> kept) {
        CpuKeyValues[] texts = kept.toArray(CpuKeyValues[]::new);
        return new KeyPanels() {
            @Override
            public int lanes() {
                return CpuKeyValues.LANES;
            }

            @Override
            public int first(int text) {
                return 0;
            }

            @Override
            public MemorySegment keys(int text, int panel, int feature, int rows) {
                return rows(texts[text].keys(panel), feature, rows);
            }

            @Override
            public MemorySegment values(int text, int panel, int feature, int rows) {
                return rows(texts[text].values(panel), feature, rows);
            }

            @Override
            public Kernels.Product product() {
                return kernels.heap();
            }
        };
    }

    private static MemorySegment rows(float[] chunk, int feature, int rows) {
        long laneBytes = CpuKeyValues.LANES * Float.BYTES;
        return MemorySegment.ofArray(chunk).asSlice(feature * laneBytes, rows * laneBytes);
    }
}
