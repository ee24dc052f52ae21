package dev.bert4j.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** English to tokenize: sentences of many lengths, and paragraphs of them. */
final class Prose {
    private static final List<String> SENTENCES = List.of(
            "The ferry left the harbour at dawn, an hour late, with half of its seats empty.",
            "Nobody had told the gardener that the greenhouse would be torn down in spring.",
            "Is there any reason why the second measurement should differ from the first?",
            "She kept the letters in a tin box, tied with a ribbon that had once been blue.",
            "In 1987 the town had 12,400 inhabitants; today it has fewer than 9,000.",
            "\"I don't think so,\" he said, \"but we'll know more when the results arrive.\"",
            "Copper, unlike iron, isn't attracted by a magnet, which the children found unfair.",
            "The committee recommended, among other things, a thorough reorganization of the archives.",
            "Rain fell all night.",
            "Engineers who had worked on the bridge's foundations were astonished by its resilience.",
            "Tickets cost $14.50 (children $7.25) and can be bought online or at the door.",
            "After the concert they walked home along the canal, humming the slow movement.",
            "A misunderstanding about the timetable led to an unforgettable afternoon in Ljubljana.",
            "What the photographs didn't show was the noise: hundreds of starlings in the plane trees.",
            "Please return the borrowed projector to room 3B before Friday, e.g. on Thursday evening.",
            "Her grandmother's recipe calls for cardamom, orange peel and an unreasonable amount of butter.");

    private Prose() {
    }

    /** Sentences, each a little different from all others. */
    static List<String> sentences(int count) {
        Random random = new Random(1);
        List<String> sentences = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sentences.add(SENTENCES.get(random.nextInt(SENTENCES.size())) + " " + random.nextInt(1000));
        }
        return sentences;
    }

    /** Paragraphs of about 200 words. */
    static List<String> paragraphs(int count) {
        Random random = new Random(2);
        List<String> paragraphs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StringBuilder paragraph = new StringBuilder();
            for (int words = 0; words < 200;) {
                String sentence = SENTENCES.get(random.nextInt(SENTENCES.size()));
                paragraph.append(sentence).append(' ');
                words += sentence.split(" ").length;
            }
            paragraphs.add(paragraph.toString().strip());
        }
        return paragraphs;
    }

    /** Text of any code points, with lone surrogates among them. */
    static String anything(Random random) {
        StringBuilder text = new StringBuilder();
        int[] planes = {0x80, 0x250, 0x3100, 0xA000, 0x10000, 0x20000, 0x110000};
        for (int length = random.nextInt(40); length > 0; length--) {
            int c = random.nextInt(planes[random.nextInt(planes.length)]);
            text.appendCodePoint(random.nextInt(4) == 0 ? ' ' : c);
        }
        return text.toString();
    }
}
