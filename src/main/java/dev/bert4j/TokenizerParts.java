package dev.bert4j;

import dev.bert4j.tokenizer.AddedTokens;
import dev.bert4j.tokenizer.Template;
import dev.bert4j.tokenizer.Vocabulary;
import dev.bert4j.tokenizer.WordPiece;
import dev.bert4j.tokenizer.WordPieceDecoder;

/**
 * What a tokenizer is made of.
 *
 * @param nameOrPath where it comes from
 * @param template where special tokens stand
 * @param modelMaxLength tokens, {@link Integer#MAX_VALUE} for no limit
 * @param cleanUp whether decoding takes the space before marks away in the whole text
 * @param fileOptions truncation and padding that a tokenizer.json asks for, which nobody gets without asking
 */
record TokenizerParts(String nameOrPath, Vocabulary vocabulary, AddedTokens addedTokens, WordPiece wordPiece,
        TokenizerOptions options, Template template, WordPieceDecoder decoder, SpecialTokens special,
        int modelMaxLength, Side paddingSide, Side truncationSide, boolean cleanUp, EncodeOptions fileOptions) {

    /** The same with other added tokens. */
    TokenizerParts with(AddedTokens tokens) {
        return new TokenizerParts(nameOrPath, vocabulary, tokens, wordPiece, options, template, decoder, special,
                modelMaxLength, paddingSide, truncationSide, cleanUp, fileOptions);
    }

    /** The same with other sides. */
    TokenizerParts with(Side padding, Side truncation) {
        return new TokenizerParts(nameOrPath, vocabulary, addedTokens, wordPiece, options, template, decoder, special,
                modelMaxLength, padding, truncation, cleanUp, fileOptions);
    }
}
