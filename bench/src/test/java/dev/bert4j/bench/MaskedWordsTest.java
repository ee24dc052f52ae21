package dev.bert4j.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.BertForMaskedLM;
import dev.bert4j.BertTokenizer;
import dev.bert4j.LoadOptions;
import dev.bert4j.pipeline.FillMaskOptions;
import dev.bert4j.pipeline.FillMaskPipeline;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Guesses are counted as the pipeline, which asks for one word at a time, gives them. */
class MaskedWordsTest {
    private static final Path DEMO = Path.of("../src/models/demo");
    /** All words are tokens. */
    private static final List<String> WORDS = List.of("The", "dog", "is", "in", "the", "garden");

    private static <T> T withDemo(Use<T> use) throws IOException {
        try (BertForMaskedLM model = BertForMaskedLM.fromPretrained(DEMO, LoadOptions.defaults().withBackend("cpu"))) {
            return use.of(model, BertTokenizer.fromPretrained(DEMO));
        }
    }

    private interface Use<T> {
        T of(BertForMaskedLM model, BertTokenizer tokenizer);
    }

    @Test
    void countsAndLossAreThoseOfThePipeline() throws IOException {
        withDemo((model, tokenizer) -> {
            var fillMask = new FillMaskPipeline(model, tokenizer);
            int right = 0;
            double loss = 0;
            for (int i = 0; i < WORDS.size(); i++) {
                String text = String.join(" ", WORDS.subList(0, i)) + " [MASK] "
                        + String.join(" ", WORDS.subList(i + 1, WORDS.size())) + ".";
                right += fillMask.apply(text, 1).getFirst().getFirst().tokenStr().equals(WORDS.get(i)) ? 1 : 0;
                loss -= Math.log(fillMask.apply(text, FillMaskOptions.defaults().withTargets(List.of(WORDS.get(i))))
                        .getFirst().getFirst().score());
            }
            MaskedWords words = MaskedWords.of(model, tokenizer, List.of(String.join(" ", WORDS) + "."));
            assertEquals(WORDS.size(), words.words());
            assertEquals(WORDS.size(), words.tokens());
            assertEquals(right, words.right());
            assertTrue(right > 0, "The demo guesses some of them.");
            // Scores are floats.
            assertEquals(loss, words.loss(), 1e-5 * loss);
            assertEquals(Math.exp(loss / WORDS.size()), words.perplexity(), 1e-4 * words.perplexity());
            return null;
        });
    }

    @Test
    void tokensOfAWordAreHiddenTogetherAndSignsAreNoWords() throws IOException {
        withDemo((model, tokenizer) -> {
            String word = "antidisestablishment";
            int pieces = tokenizer.tokenize(word).size();
            assertTrue(pieces > 1, "It is made of tokens.");
            MaskedWords words = MaskedWords.of(model, tokenizer, List.of("He , she : " + word + " !", "...", ""));
            assertEquals(3, words.words());
            assertEquals(2 + pieces, words.tokens());
            return null;
        });
    }

    @Test
    void textsAreAddedUp() throws IOException {
        withDemo((model, tokenizer) -> {
            List<String> texts = Lines.of("sentences.txt").subList(0, 3);
            MaskedWords all = MaskedWords.of(model, tokenizer, texts);
            double loss = 0;
            int right = 0;
            for (String text : texts) {
                MaskedWords one = MaskedWords.of(model, tokenizer, List.of(text));
                loss += one.loss();
                right += one.right();
            }
            assertEquals(loss, all.loss(), 1e-9);
            assertEquals(right, all.right());
            return null;
        });
    }

    @Test
    void sentencesAreTwoHundredAndNoneWasSeen() {
        List<String> sentences = Lines.of("sentences.txt");
        assertEquals(200, new HashSet<>(sentences).size());
        assertEquals(200, sentences.size());
        assertTrue(Lines.of("calibration.txt").stream().noneMatch(sentences::contains));
    }
}
