package dev.bert4j.weights;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.Golden;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files of PyTorch's open, and then every byte can be read, or are refused by a CheckpointException. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TorchFuzzTest {
    private static final int MUTATIONS = 3000;
    private static final int GOLDEN_MUTATIONS = 300;

    @TempDir
    Path folder;

    private int opened;
    private int refused;

    @Test
    void smallFiles() throws Exception {
        TorchWriter file = new TorchWriter().floats("0", 1, 2, 3, 4, 5, 6).storage("1", "Half", 3, new byte[6])
                .tensor("a", "0", 2, 3).tensor("b", "0", 0, new long[] {3, 2}, new long[] {1, 3})
                .tensor("c", "1", 3).entry("byteorder", "little");
        List<byte[]> good = List.of(file.bytes("a"), file.zip64().bytes("b"));
        for (int seed = 0; seed < MUTATIONS; seed++) {
            open(mutate(good.get(seed % good.size()), new Random(seed), 0.3), seed);
        }
        assertTrue(opened > MUTATIONS / 50 && refused > MUTATIONS / 3, opened + " opened, " + refused + " refused");
    }

    /** Flips the pickles in particular: a whole file is mostly weights. */
    @Test
    void goldenFiles() throws Exception {
        for (String name : List.of("zip", "parameters", "shared_storage_strided", "half", "legacy")) {
            byte[] good = Files.readAllBytes(Golden.resources().resolve("torch").resolve(name)
                    .resolve("pytorch_model.bin"));
            for (int seed = 0; seed < GOLDEN_MUTATIONS; seed++) {
                open(mutate(good, new Random(seed), seed % 3 == 0 ? 1 : 5000.0 / good.length), seed);
            }
        }
        assertTrue(opened > GOLDEN_MUTATIONS / 2 && refused > GOLDEN_MUTATIONS, opened + " opened, " + refused
                + " refused");
    }

    /** Flips bits and sets bytes in the first part of a file or, as often, its last 200 bytes; or cuts it off. */
    private static byte[] mutate(byte[] good, Random random, double part) {
        byte[] bad = good.clone();
        if (random.nextInt(10) == 0) {
            return Arrays.copyOf(bad, random.nextInt(bad.length));
        }
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(4) == 0 ? bad.length - 1 - random.nextInt(200)
                    : random.nextInt((int) Math.ceil(bad.length * part));
            bad[at] = random.nextBoolean() ? (byte) (bad[at] ^ 1 << random.nextInt(8)) : (byte) random.nextInt();
        }
        return bad;
    }

    private void open(byte[] bytes, int seed) throws IOException {
        Path file = Files.write(folder.resolve("pytorch_model.bin"), bytes);
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            for (WeightTensor tensor : checkpoint.tensors().values()) {
                tensor.data().toArray(ValueLayout.JAVA_BYTE);
                if (tensor.dtype().isComputable()) {
                    tensor.toFloatArray();
                }
            }
            opened++;
        } catch (CheckpointException e) {
            assertTrue(e.getMessage().startsWith(folder.toString()), e.getMessage());
            refused++;
        } catch (Throwable e) {
            throw new AssertionError("seed " + seed, e);
        }
    }
}
