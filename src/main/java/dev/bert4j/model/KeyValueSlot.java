package dev.bert4j.model;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.KeyValues;
import dev.bert4j.backend.Session;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/** Where an attention finds keys and values beside those of its input, and leaves them for later calls. */
final class KeyValueSlot {
    /** That of an encoder, which finds and leaves nothing. */
    static final KeyValueSlot NONE = new KeyValueSlot(null, null, false);

    private final Activation states;
    private final List<KeyValues> past;
    private final boolean keep;
    private List<KeyValues> kept;

    /**
     * One for a call.
     *
     * @param states the encoder's hidden states for cross-attention; null for self-attention
     * @param past what is kept of each text, null for nothing of it; null for nothing of any
     * @param keep whether a later call wants what this one makes
     */
    KeyValueSlot(Activation states, List<KeyValues> past, boolean keep) {
        this.states = states;
        this.keep = keep;
        this.past = past == null || past.stream().allMatch(Objects::isNull) ? null : past;
    }

    /** What the call left, one entry a text; null if nobody wants it. */
    List<KeyValues> kept() {
        return kept;
    }

    /** The encoder's hidden states, of which keys and values of a cross-attention are made; null for self-attention. */
    Activation states() {
        return states;
    }

    /** Whether a cross-attention finds the keys and values of every text, so that none are to be made. */
    boolean isComplete() {
        return states != null && past != null && !past.contains(null);
    }

    /** The attention of queries to what is there, if it {@linkplain #isComplete is complete}. */
    Activation attend(Session session, Activation q, AttentionSpec spec, float[] probabilities) {
        kept = past;
        return session.attention(q, past, spec, probabilities);
    }

    /** The attention of queries to keys and values, and to what is there beside them. */
    Activation attend(Session session, Activation q, Activation k, Activation v, AttentionSpec spec,
            float[] probabilities) {
        if (keep || past != null) {
            kept = states == null ? session.append(past, k, v, spec.starts())
                    : orElse(past, session.append(null, k, v, spec.keyStarts()));
        }
        return past == null ? session.attention(q, k, v, spec, probabilities)
                : session.attention(q, kept, spec, probabilities);
    }

    /** What was kept of each text, or where nothing was, what was made now. */
    private static List<KeyValues> orElse(List<KeyValues> past, List<KeyValues> made) {
        return past == null ? made : IntStream.range(0, made.size())
                .mapToObj(text -> past.get(text) != null ? past.get(text) : made.get(text)).toList();
    }
}
