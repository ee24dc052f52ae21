package dev.bert4j.bench;

import java.lang.reflect.Method;

/**
 * LangChain4j's all-MiniLM-L6-v2, which runs in the JVM on ONNX Runtime. It is called by reflection, so that everything
 * else can be built where its hundred megabytes could not be fetched; that costs nothing beside a forward pass.
 */
final class LangChain4j {
    static final String NAME = "LangChain4j";
    private static final String PACKAGE = "dev.langchain4j.";

    private final Object model;
    private final Method embed;
    private final Method content;
    private final Method vector;

    LangChain4j() throws ReflectiveOperationException {
        model = Class.forName(PACKAGE + "model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel")
                .getConstructor().newInstance();
        embed = Class.forName(PACKAGE + "model.embedding.EmbeddingModel").getMethod("embed", String.class);
        content = Class.forName(PACKAGE + "model.output.Response").getMethod("content");
        vector = Class.forName(PACKAGE + "data.embedding.Embedding").getMethod("vector");
    }

    float[] embed(String text) {
        try {
            return (float[]) vector.invoke(content.invoke(embed.invoke(model, text)));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
