package dev.bert4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.BertInput;
import dev.bert4j.BertModel;
import dev.bert4j.BertTokenizer;
import dev.bert4j.Golden;
import dev.bert4j.Tensor;
import dev.bert4j.json.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of attention: whole in itself, safe whatever the text, with the weights of the model. */
class AttentionCommandTest {
    private static final Path MODEL = Golden.resources().resolve("sentence").resolve("pool_mean_tokens");

    @TempDir
    Path folder;
    private final StringWriter err = new StringWriter();

    private int run(Path page, String... texts) {
        String[] args = Stream.concat(Stream.of("attention", "--model", MODEL.toString(), "-o", page.toString()),
                Stream.of(texts)).toArray(String[]::new);
        return Main.run(new PrintWriter(new StringWriter(), true), new PrintWriter(err, true), args);
    }

    @Test
    void thePageHoldsTheWeightsOfEveryLayerAndHead() throws Exception {
        String text = "a dog </script><img src=x onerror=alert(1)> & \u2028 fox";
        Path page = folder.resolve("page.html");
        assertEquals(0, run(page, text), err.toString());
        String html = Files.readString(page);
        assertFalse(html.contains("<img"), "text never becomes markup");
        assertEquals(2, html.split("</script>", -1).length - 1);
        int from = html.indexOf("id=\"data\">") + "id=\"data\">".length();
        Map<?, ?> data = (Map<?, ?>) Json.parse(html.substring(from, html.indexOf("</script>", from)), "data");
        assertEquals(text, data.get("text"));
        String around = html.substring(0, from) + html.substring(html.indexOf("</script>", from));
        for (String network : List.of("src=", "href=", "fetch(", "@import", "url(", "XMLHttpRequest")) {
            assertFalse(around.contains(network), network);
        }
        try (BertModel model = BertModel.fromPretrained(MODEL)) {
            var encoding = BertTokenizer.fromPretrained(MODEL).encode(text);
            assertEquals(encoding.tokens(), data.get("tokens"));
            List<Tensor> attentions = model.forward(BertInput.of(encoding).withAttentions()).attentions();
            List<?> layers = (List<?>) data.get("attention");
            assertEquals(attentions.size(), layers.size());
            for (int l = 0; l < layers.size(); l++) {
                List<?> heads = (List<?>) layers.get(l);
                assertEquals(attentions.get(l).size(1), heads.size());
                int each = encoding.size() * encoding.size();
                for (int h = 0; h < heads.size(); h++) {
                    List<?> weights = (List<?>) heads.get(h);
                    assertEquals(each, weights.size());
                    for (int i = 0; i < each; i++) {
                        assertEquals(attentions.get(l).data()[h * each + i], ((Number) weights.get(i)).floatValue(),
                                0.5001e-4f);
                    }
                }
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(1, files.count(), "nothing else stays");
        }
    }

    @Test
    void whatCannotBeWrittenIsOneSentence() {
        assertEquals(2, run(folder, "a"));
        assertTrue(err.toString().contains(folder + " is a folder; name the page to write."), err.toString());
        Path nowhere = folder.resolve("no").resolve("page.html");
        assertEquals(1, run(nowhere, "a"));
        assertTrue(err.toString().contains(nowhere + " cannot be written: its folder is not there."), err.toString());
    }
}
