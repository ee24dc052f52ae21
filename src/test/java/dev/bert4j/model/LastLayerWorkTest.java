package dev.bert4j.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.bert4j.BertInput;
import dev.bert4j.BertModel;
import dev.bert4j.Golden;
import dev.bert4j.LoadOptions;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.Session;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the last layer computes where only some tokens are needed, and where it computes all of them nevertheless. */
class LastLayerWorkTest {
    private static final int TOKENS = 9;
    private static final int[] NEEDED = {0, 5};
    /** Of a layer: query, key and value together, and then the rest. */
    private static final List<String> ALL = List.of("linear 9", "attention 9", "linearAddNorm 9", "feedForward 9");
    private static final List<String> SOME = List.of("gather 2", "linear 2", "linear 9", "attention 2",
            "linearAddNorm 2", "feedForward 2");
    /** Where a hook looks into the feed-forward part. */
    private static final List<String> STEP_BY_STEP = List.of("linear 9", "attention 9", "linearAddNorm 9", "linear 9",
            "linearAddNorm 9");

    private static BertModel open(String name) throws Exception {
        return BertModel.fromPretrained(Golden.resources().resolve("models").resolve(name),
                LoadOptions.defaults().withBackend("reference").withThreads(1).withInitSeed(1));
    }

    /** The operations of the encoder, with the tokens of their outputs. */
    private static List<String> work(BertModel model, Trace trace, int... tokens) {
        List<String> work = new ArrayList<>();
        Batch batch = Batch.of(model.config(), List.of(BertInput.of(1, 2, 3, 4, 5), BertInput.of(6, 7, 8, 9)));
        try (Session real = model.backend().open(TOKENS)) {
            Session session = (Session) Proxy.newProxyInstance(Session.class.getClassLoader(),
                    new Class<?>[] {Session.class}, (_, method, arguments) -> {
                        try {
                            Object result = method.invoke(real, arguments);
                            Object made = result instanceof Activation[] several ? several[0] : result;
                            if (made instanceof Activation output) {
                                work.add(method.getName() + " " + output.tokens());
                            }
                            return result;
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
            Activation x = model.embeddings().forward(session, batch.embeddingInput(0));
            work.clear();
            try (DecoderState decoder = DecoderState.of(model.config(), batch, null, false, session);
                    Activation y = model.encoder().forward(session, x, batch.attention(), null, trace, decoder,
                            tokens.length == 0 ? null : tokens)) {
                assertEquals(tokens.length == 0 ? TOKENS : tokens.length, y.tokens());
            }
        }
        return work;
    }

    private static List<String> layers(int count, List<String> end) {
        return layers(count, -1, end);
    }

    /** With a hook in the feed-forward part of one. */
    private static List<String> layers(int count, int lookedInto, List<String> end) {
        List<String> work = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            work.addAll(i == lookedInto ? STEP_BY_STEP : ALL);
        }
        work.addAll(end);
        return work;
    }

    /** The layer into whose feed-forward part a hook on that module looks, or -1. */
    private static int lookedInto(String path) {
        Matcher within = Pattern.compile("encoder\\.layer\\.(\\d)\\.(intermediate|output)\\b.*").matcher(path);
        return within.matches() ? Integer.parseInt(within.group(1)) : -1;
    }

    private static Trace none() {
        return new Trace(false, false);
    }

    @Test
    void isThatOfTheTokensNeeded() throws Exception {
        try (BertModel model = open("base")) {
            assertEquals(layers(2, SOME), work(model, none(), NEEDED));
            assertEquals(layers(3, List.of()), work(model, none()));
            assertEquals(layers(3, List.of()), work(model, none(), 0, 1, 2, 3, 4, 5, 6, 7, 8));
        }
    }

    @Test
    void isThatOfAllWhereMoreIsAskedForOrPositionsCount() throws Exception {
        List<String> all = layers(3, List.of("gather 2"));
        try (BertModel model = open("base")) {
            assertEquals(all, work(model, new Trace(true, false), NEEDED));
            assertEquals(all, work(model, new Trace(false, true), NEEDED));
        }
        for (String name : List.of("relative_key", "relative_key_query", "decoder_self")) {
            try (BertModel model = open(name)) {
                assertEquals(layers(model.config().numHiddenLayers(), List.of("gather 2")),
                        work(model, none(), NEEDED), name);
            }
        }
    }

    @Test
    void isThatOfAllForHooksThatSeeIt() throws Exception {
        try (BertModel model = open("base")) {
            Map<String, BertModule> hookable = new TreeMap<>();
            model.namedModules().forEach((path, module) -> {
                try (var _ = module.registerForwardHook((_, _) -> { })) {
                    hookable.put(path, module);
                } catch (UnsupportedOperationException e) {
                    // It shows nothing.
                }
            });
            int shown = 0;
            for (Map.Entry<String, BertModule> entry : hookable.entrySet()) {
                boolean sees = entry.getKey().equals("encoder") || entry.getKey().startsWith("encoder.layer.2");
                List<Tensor> seen = new ArrayList<>();
                try (var _ = entry.getValue().registerForwardHook((_, output) -> seen.add(output))) {
                    int into = lookedInto(entry.getKey());
                    assertEquals(sees ? layers(3, into, List.of("gather 2")) : layers(2, into, SOME),
                            work(model, none(), NEEDED), entry.getKey());
                }
                if (sees) {
                    assertEquals(List.of(TOKENS), seen.stream().map(output -> output.size(0)).toList());
                    shown++;
                }
                assertEquals(layers(2, SOME), work(model, none(), NEEDED), "after " + entry.getKey());
            }
            assertEquals(13, shown, hookable.keySet().toString());
        }
    }

    /** It has to look at whole calls, or at none. */
    @Test
    void aHookThatComesWhileItRunsSeesNothing() throws Exception {
        try (BertModel model = open("base")) {
            List<String> seen = new ArrayList<>();
            ForwardHook look = (module, output) -> seen.add(module.printedName() + Arrays.toString(output.shape()));
            List<ForwardHook.Handle> handles = new ArrayList<>();
            try (var _ = model.encoder().layer().get(1).registerForwardHook((_, _) -> {
                for (String path : List.of("encoder", "encoder.layer.2", "encoder.layer.2.attention.self.query")) {
                    handles.add(model.getSubmodule(path).registerForwardHook(look));
                }
            })) {
                assertEquals(layers(2, SOME), work(model, none(), NEEDED));
            }
            assertEquals(List.of(), seen);
            work(model, none(), NEEDED);
            assertEquals(List.of("Linear[9, 60]", "BertLayer[9, 60]", "BertEncoder[9, 60]"), seen);
            handles.forEach(ForwardHook.Handle::close);
        }
    }
}
