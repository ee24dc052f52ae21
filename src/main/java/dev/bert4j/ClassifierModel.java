package dev.bert4j;

import dev.bert4j.model.Dropout;
import dev.bert4j.model.Linear;
import dev.bert4j.model.ParameterLoader;
import java.io.IOException;
import java.util.List;

/** What the classes that score labels or choices are made of: the base, dropout, and a linear layer. */
abstract class ClassifierModel extends PreTrainedModel {
    private final BertModel bert;
    private final Dropout dropout;
    private final Linear classifier;

    ClassifierModel(Parts parts) {
        super(parts.loaded);
        bert = add("bert", parts.bert);
        dropout = add("dropout", parts.dropout);
        classifier = add("classifier", parts.classifier);
    }

    /** The modules, before the model takes them. */
    record Parts(Loaded loaded, BertModel bert, Dropout dropout, Linear classifier) {
        /** Loads them; the base has a pooler or not, and the classifier that many scores. */
        static Parts load(Loaded loaded, ParameterLoader loader, boolean pooler, int scores) throws IOException {
            BertModel bert = BertModel.make(loaded, loader, loader.root().at("bert"), pooler, false);
            BertConfig config = loaded.config();
            Linear classifier = Linear.head(loader.root().at("classifier"), config.hiddenSize(), scores);
            return new Parts(finish(loaded, loader, pooler ? List.of() : List.of("pooler")), bert,
                    new Dropout(config.classifierDropout()), classifier);
        }
    }

    /** The model below the head. */
    public final BertModel bert() {
        return bert;
    }

    /** What training drops before the classifier; inference drops nothing. */
    public final Dropout dropout() {
        return dropout;
    }

    /** The layer that scores. */
    public final Linear classifier() {
        return classifier;
    }
}
