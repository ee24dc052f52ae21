package dev.bert4j;

import dev.bert4j.tokenizer.Template;
import dev.bert4j.tokenizer.TokenizerPipeline;
import dev.bert4j.tokenizer.Tokens;
import java.util.List;

/**
 * The lean way from text to ids: no offsets, no objects, nothing for the garbage collector. For one thread at a time;
 * make one for each with {@link BertTokenizer#tokenIds}.
 *
 * <pre>{@code
 * TokenIds encoder = tokenizer.tokenIds();
 * int[] ids = new int[512];
 * int count = encoder.encode(text, ids, 0);
 * }</pre>
 */
public final class TokenIds {
    private final TokenizerPipeline pipeline;
    private final List<Template.Piece> template;
    private final int added;
    private final TokenizerPipeline.Workspace workspace = new TokenizerPipeline.Workspace(256);
    private boolean truncated;

    TokenIds(TokenizerPipeline pipeline, Template template) {
        this.pipeline = pipeline;
        this.template = template.single();
        added = template.added(false);
    }

    /**
     * Writes the ids of a text, with its special tokens. Where the array has too little room, the end of the text is
     * cut off, as truncation does, and {@link #isTruncated} says so.
     *
     * @param from where to begin in the array
     * @return how many ids there are
     * @throws IllegalArgumentException if text is null, or there is no room even for the special tokens
     */
    public int encode(String text, int[] ids, int from) {
        if (text == null) {
            throw new IllegalArgumentException("text is null");
        }
        if (from < 0 || ids.length - from < added) {
            throw new IllegalArgumentException("There is room for " + (ids.length - from) + " ids from " + from
                    + " on, but the special tokens alone are " + added + ".");
        }
        Tokens tokens = pipeline.tokenize(text, workspace);
        int count = Math.min(tokens.size(), ids.length - from - added);
        truncated = count < tokens.size();
        int at = from;
        for (int i = 0; i < template.size(); i++) {
            Template.Piece piece = template.get(i);
            if (piece.isSpecial()) {
                ids[at++] = piece.id();
            } else {
                tokens.copyIds(count, ids, at);
                at += count;
            }
        }
        return at - from;
    }

    /** Whether the last text had more tokens than there was room for. */
    public boolean isTruncated() {
        return truncated;
    }
}
