package dev.bert4j.cli;

import dev.bert4j.pipeline.InputException;
import dev.bert4j.pipeline.Pipeline;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** Prints what a pipeline answers to a stream of texts, as the answers come. */
final class Answers {
    private Answers() {
    }

    /**
     * Prints each input with its answer, until nobody reads them any more.
     *
     * @param several whether there may be more than one, so that an error says which it was
     * @throws UncheckedIOException if the inputs cannot be read
     */
    static <I, O, R> void print(boolean several, Pipeline<I, O, R> pipeline, Stream<I> inputs, O options,
            PrintWriter out, BiConsumer<I, R> print) {
        Queue<I> waiting = new ArrayDeque<>();
        try (inputs) {
            if (several) {
                pipeline.apply(inputs.peek(waiting::add), options).allMatch(answer -> {
                    print.accept(waiting.remove(), answer);
                    return !out.checkError();
                });
            } else {
                I input = inputs.findFirst().orElseThrow();
                print.accept(input, pipeline.apply(input, options));
            }
        } catch (InputException e) {
            // People count from 1, as editors do lines.
            throw new IllegalArgumentException("Text " + (e.index() + 1) + ": " + e.getCause().getMessage(), e);
        }
    }

    /** A score, for a table. */
    static String score(float score) {
        return String.format(Locale.ROOT, "%.4f", score);
    }

    /** An object of JSON, from names and values in turn. */
    static Map<String, Object> object(Object... namesAndValues) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return object;
    }
}
