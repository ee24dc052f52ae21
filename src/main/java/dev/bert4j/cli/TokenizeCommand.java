package dev.bert4j.cli;

import dev.bert4j.BertTokenizer;
import dev.bert4j.Encoding;
import dev.bert4j.hub.Hub;
import dev.bert4j.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bert tokenize TEXT}. */
@Command(name = "tokenize", mixinStandardHelpOptions = true,
        description = "Prints the ids and tokens of a text, or of a pair, and where in the text they stand.")
final class TokenizeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private FolderOptions options;

    @Parameters(index = "0", paramLabel = "TEXT", description = "The text.")
    private String text;

    @Parameters(index = "1", arity = "0..1", paramLabel = "PAIR", description = "A second text to make a pair of.")
    private String pair;

    TokenizeCommand() {
    }

    @Override
    public Integer call() throws IOException {
        Path folder = options.folder(null, Hub::tokenizer);
        Encoding encoding = BertTokenizer.fromPretrained(folder).encode(text, pair, true);
        PrintWriter out = spec.commandLine().getOut();
        if (options.json()) {
            out.println(Json.write(json(encoding)));
            return 0;
        }
        int[] ids = encoding.ids();
        List<String> tokens = encoding.tokens();
        Table table = new Table(">id", "token", "characters", "of the text");
        for (int i = 0; i < encoding.size(); i++) {
            String source = encoding.sequenceId(i) == 1 ? pair : text;
            boolean template = encoding.sequenceId(i) == Encoding.NONE;
            table.add(String.valueOf(ids[i]), tokens.get(i),
                    template ? "" : encoding.offsetStart(i) + "-" + encoding.offsetEnd(i),
                    template ? "" : source.substring(encoding.offsetStart16(i), encoding.offsetEnd16(i)));
        }
        table.print(out);
        return 0;
    }

    private static Map<String, Object> json(Encoding encoding) {
        List<Object> offsets = new ArrayList<>();
        for (int i = 0; i < encoding.size(); i++) {
            offsets.add(List.of(encoding.offsetStart(i), encoding.offsetEnd(i)));
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("ids", list(encoding.ids()));
        result.put("tokens", encoding.tokens());
        result.put("offsets", offsets);
        result.put("type_ids", list(encoding.typeIds()));
        result.put("special_tokens_mask", list(encoding.specialTokensMask()));
        return result;
    }

    private static List<Integer> list(int[] values) {
        return IntStream.of(values).boxed().toList();
    }
}
