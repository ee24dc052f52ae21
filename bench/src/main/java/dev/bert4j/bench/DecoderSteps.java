package dev.bert4j.bench;

import dev.bert4j.BertConfig;
import dev.bert4j.BertInput;
import dev.bert4j.BertModel;
import dev.bert4j.LoadOptions;
import dev.bert4j.PastKeyValues;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What a step of a decoder costs after texts of several lengths: one token with a cache, every length in turn in one
 * JVM. What is above the step without a past is attention and the keeping of keys and values.
 */
@Command(name = "decoder-steps")
public final class DecoderSteps implements Callable<Void> {
    @Option(names = "--past", split = ",", defaultValue = "0,32,128,256,480")
    private int[] lengths;
    @Option(names = "--threads")
    private int threads = 1;
    @Option(names = "--rounds")
    private int rounds = 40;
    @Option(names = "--warmup")
    private int warmup = 60;

    private DecoderSteps() {
    }

    /** Measures and prints medians. */
    public static void main(String[] args) {
        Arguments.run(new DecoderSteps(), args);
    }

    @Override
    public Void call() throws IOException {
        Arguments.positive("--threads", threads);
        Arguments.positive("--rounds", rounds);
        BertConfig config = BertConfig.fromPretrained(ModelFolder.PATH).with("is_decoder", true);
        try (BertModel decoder = BertModel.fromPretrained(ModelFolder.PATH,
                LoadOptions.defaults().withConfig(config).withThreads(threads).withoutPoolingLayer())) {
            BertInput[] steps = new BertInput[lengths.length];
            for (int i = 0; i < lengths.length; i++) {
                PastKeyValues past = lengths[i] == 0 ? null
                        : decoder.forward(BertInput.of(Work.text(Math.max(lengths[i], 2), 0))).pastKeyValues();
                steps[i] = BertInput.of(2000).withPastKeyValues(past);
            }
            double[][] millis = new double[lengths.length][rounds];
            for (int round = -warmup; round < rounds; round++) {
                for (int i = 0; i < lengths.length; i++) {
                    long begin = System.nanoTime();
                    decoder.forward(steps[i]);
                    if (round >= 0) {
                        millis[i][round] = (System.nanoTime() - begin) / 1e6;
                    }
                }
            }
            System.out.println(Machine.description());
            System.out.printf("%s; one token behind a past, %d rounds%n", decoder.backend().description(), rounds);
            System.out.printf("%8s %12s %12s %14s%n", "past", "median ms", "least ms", "to the first");
            for (double[] each : millis) {
                Arrays.sort(each);
            }
            for (int i = 0; i < lengths.length; i++) {
                System.out.printf(Locale.ROOT, "%8d %12.2f %12.2f %14.2f%n", lengths[i], millis[i][rounds / 2],
                        millis[i][0], millis[i][rounds / 2] / millis[0][rounds / 2]);
            }
        }
        return null;
    }
}
