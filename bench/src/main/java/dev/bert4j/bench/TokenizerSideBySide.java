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
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * This tokenizer and the Rust library of Hugging Face (through DJL), with the vocabulary of bert-base-uncased: first
 * whether both give the same ids for text of any code points, then their speed on English, on one thread, in turns.
 */
@Command(name = "tokenizer")
public final class TokenizerSideBySide implements Callable<Void> {
    private static final int MOST_SHOWN = 10;

    /** How many texts are compared. */
    @Option(names = "--texts")
    private int texts = 100_000;
    @Option(names = "--rounds")
    private int rounds = 8;
    /** The length of a turn in seconds. */
    @Option(names = "--slice")
    private double slice = 0.3;

    private BertTokenizer ours;
    private HuggingFaceTokenizer theirs;

    private TokenizerSideBySide() {
    }

    /** Compares, measures and prints. */
    public static void main(String[] args) {
        Arguments.run(new TokenizerSideBySide(), args);
    }

    @Override
    public Void call() throws IOException {
        Arguments.positive("--rounds", rounds);
        long nanos = Arguments.nanos("--slice", slice);
        // DJL counts its users unless it is told not to.
        System.setProperty("OPT_OUT_TRACKING", "true");
        long begin = System.nanoTime();
        ours = BertTokenizer.fromPretrained(Path.of(System.getProperty("bench.vocabulary")));
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
            Path file = folder.resolve("tokenizer.json");
            try (HuggingFaceTokenizer rust = HuggingFaceTokenizer.newInstance(file, alone)) {
                theirs = rust;
                compare();
                System.out.printf("%-12s %-14s %12s %10s %12s %10s %12s%n", "text", "what", "bert4j us", "MB/s",
                        "Rust us", "ratio", "heap bytes");
                measure("sentences", Prose.sentences(500), nanos);
                measure("paragraphs", Prose.paragraphs(100), nanos);
            }
        } finally {
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
        return null;
    }

    private void compare() {
        Random random = new Random(3);
        int different = 0;
        for (int i = 0; i < texts; i++) {
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
        System.out.printf("%d random texts, %d with other ids%n", texts, different);
    }

    private void measure(String name, List<String> prose, long nanos) {
        TokenIds lean = ours.tokenIds();
        int[] ids = new int[4096];
        Map<String, Consumer<String>> ways = new LinkedHashMap<>();
        ways.put("theirs", text -> theirs.encode(text).getIds());
        ways.put("encode", text -> ours.encode(text).ids());
        ways.put("lean", text -> lean.encode(text, ids, 0));
        Map<String, List<Double>> micros = new LinkedHashMap<>();
        for (int round = -rounds; round < rounds; round++) {
            for (Map.Entry<String, Consumer<String>> way : ways.entrySet()) {
                double each = slice(prose, way.getValue(), nanos);
                if (round >= 0) {
                    micros.computeIfAbsent(way.getKey(), key -> new ArrayList<>()).add(each);
                }
            }
        }
        micros.values().forEach(java.util.Collections::sort);
        double bytes = prose.stream().mapToInt(String::length).average().orElseThrow();
        double rust = micros.get("theirs").get(rounds / 2);
        for (String way : List.of("encode", "lean")) {
            double us = micros.get(way).get(rounds / 2);
            System.out.printf(Locale.ROOT, "%-12s %-14s %12.2f %10.1f %12.2f %10.1f %12.1f%n", name, way, us,
                    bytes / us, rust, rust / us, garbage(prose, ways.get(way)));
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
