package dev.bert4j.weights;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files open, and then every byte can be read, or are refused by a CheckpointException: nothing else. */
class CheckpointFuzzTest {
    private static final int MUTATIONS = 5000;
    private static final int INDEX_MUTATIONS = 1000;
    private static final Pattern NUMBER = Pattern.compile("\\d+");
    private static final Pattern TOKEN = Pattern.compile("\"[^\"]*\"|\\d+|[{}\\[\\],:]");
    private static final List<String> NUMBERS = List.of("0", "1", "2", "3", "8", "255", "-1", "1.5", "1e3",
            "2147483648", "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551616", "null",
            "\"4\"", "[1]");

    @TempDir
    Path folder;

    private int opened;
    private int refused;

    @Test
    void damagedFiles() throws Exception {
        List<byte[]> good = List.of(SafetensorsWriter.everyDtype().bytes(),
                new SafetensorsWriter().addFloats("a", 1, 2, 3).addFloats("b", 4).metadata(Map.of("k", "v")).bytes(),
                new SafetensorsWriter().add("x", "F4", List.of(2L, 3L), new byte[3])
                        .add("y", "I64", List.of(), new byte[8]).add("z", "F16", List.of(0L), new byte[0]).bytes());
        Path file = folder.resolve("damaged.safetensors");
        for (int seed = 0; seed < MUTATIONS; seed++) {
            var random = new Random(seed);
            Files.write(file, mutate(good.get(seed % good.size()), random));
            open(file, seed);
        }
        assertTrue(opened > MUTATIONS / 50 && refused > MUTATIONS / 2, opened + " opened, " + refused + " refused");
    }

    @Test
    void damagedIndexes() throws Exception {
        new SafetensorsWriter().addFloats("a", 1).addFloats("b", 2).write(folder.resolve("1.safetensors"));
        new SafetensorsWriter().addFloats("c", 3).write(folder.resolve("2.safetensors"));
        String index = "{\"metadata\":{\"total_size\":12},\"weight_map\":{\"a\":\"1.safetensors\","
                + "\"b\":\"1.safetensors\",\"c\":\"2.safetensors\"}}";
        for (int seed = 0; seed < INDEX_MUTATIONS; seed++) {
            var random = new Random(seed);
            byte[] bytes = random.nextBoolean() ? mutateText(index, random).getBytes(StandardCharsets.UTF_8)
                    : mutateBytes(index.getBytes(StandardCharsets.UTF_8), random);
            Files.write(folder.resolve("model.safetensors.index.json"), bytes);
            open(folder, seed);
        }
        assertTrue(opened > 0 && refused > INDEX_MUTATIONS / 2, opened + " opened, " + refused + " refused");
    }

    private void open(Path path, int seed) {
        try (Checkpoint checkpoint = Checkpoint.open(path)) {
            for (WeightTensor tensor : checkpoint.tensors().values()) {
                tensor.data().toArray(ValueLayout.JAVA_BYTE);
                if (tensor.dtype().isComputable()) {
                    tensor.toFloatArray();
                    for (long i = 0; i < tensor.numElements(); i++) {
                        tensor.get(i);
                    }
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

    private static byte[] mutate(byte[] good, Random random) {
        int kind = random.nextInt(4);
        if (kind == 0) {
            return mutateBytes(good, random);
        }
        int length = (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong();
        byte[] data = Arrays.copyOfRange(good, 8 + length, good.length);
        if (kind == 1) {
            long[] lengths = {length + random.nextInt(9) - 4, random.nextLong(), random.nextInt(good.length + 9),
                100_000_000, -1, 0};
            byte[] bad = good.clone();
            ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN).putLong(lengths[random.nextInt(lengths.length)]);
            return bad;
        }
        String header = new String(good, 8, length, StandardCharsets.UTF_8);
        return SafetensorsWriter.file(mutateText(header, random), data);
    }

    /** Flipped bits, bytes put in, taken out or repeated, or an end cut off. */
    private static byte[] mutateBytes(byte[] good, Random random) {
        int at = random.nextInt(good.length);
        int to = Math.min(good.length, at + 1 + random.nextInt(8));
        byte[] head = Arrays.copyOf(good, at);
        byte[] middle = Arrays.copyOfRange(good, at, to);
        byte[] tail = Arrays.copyOfRange(good, to, good.length);
        byte[] noise = new byte[1 + random.nextInt(4)];
        random.nextBytes(noise);
        return switch (random.nextInt(5)) {
            case 0 -> {
                middle[0] ^= (byte) (1 << random.nextInt(8));
                yield join(head, middle, tail);
            }
            case 1 -> join(head, noise, middle, tail);
            case 2 -> join(head, tail);
            case 3 -> join(head, middle, middle, tail);
            default -> head;
        };
    }

    private static byte[] join(byte[]... parts) {
        ByteBuffer all = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(p -> p.length).sum());
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }

    /** A number changed, or a token replaced by, followed by or exchanged with another of the text, or taken out. */
    private static String mutateText(String good, Random random) {
        boolean number = random.nextBoolean();
        List<MatchResult> found = (number ? NUMBER : TOKEN).matcher(good).results().toList();
        MatchResult one = found.get(random.nextInt(found.size()));
        if (number) {
            boolean near = random.nextBoolean() && one.group().length() < 10;
            String other = near ? String.valueOf(Long.parseLong(one.group()) + random.nextInt(5) - 2)
                    : NUMBERS.get(random.nextInt(NUMBERS.size()));
            return good.substring(0, one.start()) + other + good.substring(one.end());
        }
        MatchResult other = found.get(random.nextInt(found.size()));
        return switch (random.nextInt(4)) {
            case 0 -> good.substring(0, one.start()) + other.group() + good.substring(one.end());
            case 1 -> good.substring(0, one.end()) + other.group() + good.substring(one.end());
            case 2 -> good.substring(0, one.start()) + good.substring(one.end());
            default -> one.start() <= other.start() ? exchange(good, one, other) : exchange(good, other, one);
        };
    }

    private static String exchange(String text, MatchResult first, MatchResult second) {
        return first.start() == second.start() ? text : text.substring(0, first.start()) + second.group()
                + text.substring(first.end(), second.start()) + first.group() + text.substring(second.end());
    }
}
