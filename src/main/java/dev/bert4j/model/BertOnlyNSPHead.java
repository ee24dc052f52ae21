package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.Session;

/** The head that says whether the second text of a pair follows the first. */
public final class BertOnlyNSPHead extends HiddenModule {
    private final Linear seqRelationship;

    /** Loads it. */
    public BertOnlyNSPHead(ModelRuntime runtime, BertConfig config, ParameterScope scope) {
        super(runtime, config);
        visible(this);
        seqRelationship = add("seq_relationship",
                Linear.head(scope.at("seq_relationship"), config.hiddenSize(), 2));
    }

    /** What scores the pair. */
    public Linear seqRelationship() {
        return seqRelationship;
    }

    /** The scores of pooled values. */
    public Activation forward(Session session, Activation pooled) {
        return shown(session, seqRelationship.forward(session, pooled));
    }

    /** The scores [B, 2] of pooled values [B, H]. */
    public Tensor forward(Tensor pooled) {
        return onPooled(pooled, config().hiddenSize(), this::forward);
    }
}
