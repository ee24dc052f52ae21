package dev.bert4j.bench;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.bert4j.BertTokenizer;
import dev.bert4j.TokenIds;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/**
 * This tokenizer and the Rust library of Hugging Face (through DJL), with the vocabulary of bert-base-uncased: first
 * whether both give the same ids for text of any code points, then their speed on English, on one thread, in turns.
 *
 * <p>Options: {@code --texts 100000} to compare, {@code --rounds 8}, and in seconds {@code --slice 0.3}.
 */
public final class TokenizerSideBySide {
    private static final int MOST_SHOWN = 10;

    private final BertTokenizer ours;
    private final HuggingFaceTokenizer theirs;

    private TokenizerSideBySide(BertTokenizer ours, HuggingFaceTokenizer theirs) {
        this.ours = ours;
        this.theirs = theirs;
    }

    /** Compares, measures and prints. */
    public static void main(String[] args) throws IOException {
        Options options = new Options(args);
        int texts = options.number("--texts", 100_000);
        int rounds = options.number("--rounds", 8);
        long slice = options.nanos("--slice", 0.3);
        options.refuseOthers();
        // DJL counts its users unless it is told not to.
        System.setProperty("OPT_OUT_TRACKING", "true");
        long begin = System.nanoTime();
        BertTokenizer ours = BertTokenizer.fromPretrained(Path.of(System.getProperty("bench.vocabulary")));
        double cold = (System.nanoTime() - begin) / 1e6;
        double[] warm = new double[21];
        for (int i = 0; i < warm.length; i++) {
            begin = System.nanoTime();
            BertTokenizer.fromPretrained(Path.of(System.getProperty("bench.vocabulary")));
            warm[i] = (System.nanoTime() - begin) / 1e6;
        }
        Arrays.sort(warm);
        System.out.println(Machine.description());
        System.out.printf(Locale.ROOT, "Loading the vocabulary: %.1f ms in this JVM's first second, %.1f ms warm%n",
                cold, warm[warm.length / 2]);
        Path folder = Files.createTempDirectory("tokenizer");
        try {
            ours.savePretrained(folder);
            Map<String, String> alone = Map.of("addSpecialTokens", "true", "truncation", "false", "padding", "false");
            try (HuggingFaceTokenizer theirs = HuggingFaceTokenizer.newInstance(folder.resolve("tokenizer.json"),
                    alone)) {
                TokenizerSideBySide both = new TokenizerSideBySide(ours, theirs);
                both.compare(texts);
                System.out.printf("%-12s %-14s %12s %10s %12s %10s %12s%n", "text", "what", "bert4j us", "MB/s",
                        "Rust us", "ratio", "heap bytes");
                both.measure("sentences", Prose.sentences(500), rounds, slice);
                both.measure("paragraphs", Prose.paragraphs(100), rounds, slice);
            }
        } finally {
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private void compare(int count) {
        Random random = new Random(3);
        int different = 0;
        for (int i = 0; i < count; i++) {
            String text = Prose.anything(random);
            // JNI hands strings over in its own encoding; a lone surrogate is none of it, and vanishes in both.
            String sound = text.codePoints().filter(c -> c < 0xD800 || c > 0xDFFF)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
            int[] here = ours.encode(text).ids();
            int[] there = Arrays.stream(theirs.encode(sound).getIds()).mapToInt(Math::toIntExact).toArray();
            if (!Arrays.equals(here, there) && different++ < MOST_SHOWN) {
                System.out.println("Different: " + text.codePoints().mapToObj(Integer::toHexString).toList() + " is "
                        + Arrays.toString(here) + ", there " + Arrays.toString(there));
            }
        }
        System.out.printf("%d random texts, %d with other ids%n", count, different);
    }

    private void measure(String name, List<String> texts, int rounds, long slice) {
        TokenIds lean = ours.tokenIds();
        int[] ids = new int[4096];
        Map<String, Consumer<String>> ways = new LinkedHashMap<>();
        ways.put("theirs", text -> theirs.encode(text).getIds());
        ways.put("encode", text -> ours.encode(text).ids());
        ways.put("lean", text -> lean.encode(text, ids, 0));
        Map<String, List<Double>> micros = new LinkedHashMap<>();
        for (int round = -rounds; round < rounds; round++) {
            for (Map.Entry<String, Consumer<String>> way : ways.entrySet()) {
                double each = slice(texts, way.getValue(), slice);
                if (round >= 0) {
                    micros.computeIfAbsent(way.getKey(), key -> new ArrayList<>()).add(each);
                }
            }
        }
        micros.values().forEach(java.util.Collections::sort);
        double bytes = texts.stream().mapToInt(String::length).average().orElseThrow();
        double rust = micros.get("theirs").get(rounds / 2);
        for (String way : List.of("encode", "lean")) {
            double us = micros.get(way).get(rounds / 2);
            System.out.printf(Locale.ROOT, "%-12s %-14s %12.2f %10.1f %12.2f %10.1f %12.1f%n", name, way, us,
                    bytes / us, rust, rust / us, garbage(texts, ways.get(way)));
        }
    }

    /** Bytes of the Java heap that a text takes. */
    private static double garbage(List<String> texts, Consumer<String> way) {
        var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = thread.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 100; i++) {
            for (int k = 0; k < texts.size(); k++) {
                way.accept(texts.get(k));
            }
        }
        return (thread.getCurrentThreadAllocatedBytes() - before) / 100.0 / texts.size();
    }

    /** Microseconds a text. */
    private static double slice(List<String> texts, Consumer<String> way, long nanos) {
        long begin = System.nanoTime();
        long done = 0;
        while (System.nanoTime() - begin < nanos) {
            texts.forEach(way);
            done += texts.size();
        }
        return (System.nanoTime() - begin) / 1e3 / done;
    }
}
