/*
 * The entities of a text file as JSON, one object a line. The file is a stream: it is read as answers are made, a batch
 * of lines at a time, so that it may be larger than the memory.
 *
 *     java --module-path target/bert4j.jar:target/lib --add-modules dev.bert4j \
 *         src/examples/java/dev/bert4j/examples/NerOverAFile.java [MODEL [FILE]]
 *
 * MODEL is a folder, or a name at the hub such as dslim/bert-base-NER. The default is a model of the tests, which is
 * there without a download and whose labels mean nothing: its weights are random.
 */
package dev.bert4j.examples;

import com.google.gson.Gson;
import dev.bert4j.pipeline.AggregationStrategy;
import dev.bert4j.pipeline.Pipelines;
import dev.bert4j.pipeline.TokenClassificationOptions;
import dev.bert4j.pipeline.TokenEntity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

final class NerOverAFile {
    private static final Gson GSON = new Gson();

    private NerOverAFile() {
    }

    static void main(String[] args) throws IOException {
        String model = args.length > 0 ? args[0] : "src/test/resources/golden/pipelines/tokens";
        Path file = Path.of(args.length > 1 ? args[1] : "README.md");
        // Words of one label are a group, and a line that is too long goes through the model in windows.
        var options = TokenClassificationOptions.defaults().withAggregationStrategy(AggregationStrategy.FIRST)
                .withStride(16);
        AtomicInteger number = new AtomicInteger();
        try (var ner = Pipelines.from(model).tokenClassification(); Stream<String> lines = Files.lines(file)) {
            // Answers come in the order of the lines.
            ner.apply(lines, options).forEachOrdered(entities -> {
                int line = number.incrementAndGet();
                entities.forEach(entity -> System.out.println(json(line, entity)));
            });
        }
    }

    private static String json(int line, TokenEntity entity) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("line", line);
        object.put("label", entity.label());
        object.put("word", entity.word());
        object.put("score", entity.score());
        // In Java's UTF-16 units; start() and end() are in code points, as Python counts.
        object.put("start", entity.start16());
        object.put("end", entity.end16());
        return GSON.toJson(object);
    }
}
