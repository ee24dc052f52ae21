/** BERT inference for the JVM: mapped weights, tokenizer, module graph and the backends that run it. */
module dev.bert4j {
    requires jdk.incubator.vector;
    requires com.google.gson;
    requires java.net.http;
    requires static jdk.jfr;
    requires static info.picocli;
    requires static me.tongfei.progressbar;
    requires static org.lwjgl;
    requires static org.lwjgl.opencl;

    exports dev.bert4j;
    exports dev.bert4j.model;
    exports dev.bert4j.backend;
    exports dev.bert4j.hub;
    exports dev.bert4j.metrics;
    exports dev.bert4j.pipeline;
    exports dev.bert4j.sentence;
    exports dev.bert4j.service;
    exports dev.bert4j.weights;

    opens dev.bert4j.cli to info.picocli;
}
