package dev.bert4j;

import dev.bert4j.hub.Hub;
import dev.bert4j.hub.HubOptions;
import dev.bert4j.tokenizer.AddedTokens;
import dev.bert4j.tokenizer.TokenizerPipeline;
import dev.bert4j.tokenizer.Tokens;
import dev.bert4j.tokenizer.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * BERT's WordPiece tokenizer, with the results of Hugging Face's BertTokenizerFast. Immutable and safe to share among
 * threads.
 * <pre>{@code
 * BertTokenizer tokenizer = BertTokenizer.fromPretrained(Path.of("bert-base-cased"));
 * Encoding encoding = tokenizer.encode("Nice to [MASK] you");
 * }</pre>
 * Special tokens such as [MASK] are recognized inside a text, exactly as written. If the vocabulary has no [PAD] or
 * [MASK], these get the ids that follow the vocabulary's.
 */
public final class BertTokenizer {
    private static final String UNK = "[UNK]";
    private static final String SEP = "[SEP]";
    private static final String PAD = "[PAD]";
    private static final String CLS = "[CLS]";
    private static final String MASK = "[MASK]";

    private final Vocabulary vocabulary;
    private final AddedTokens addedTokens;
    private final TokenizerPipeline pipeline;
    private final int unkTokenId;
    private final int sepTokenId;
    private final int clsTokenId;
    private final int modelMaxLength;

    private BertTokenizer(Path file, TokenizerOptions options, int modelMaxLength) throws IOException {
        vocabulary = Vocabulary.parse(Files.readAllBytes(file), file.toString());
        unkTokenId = required(UNK, file);
        sepTokenId = required(SEP, file);
        clsTokenId = required(CLS, file);
        addedTokens = new AddedTokens(vocabulary, List.of(UNK, SEP, PAD, CLS, MASK));
        pipeline = new TokenizerPipeline(vocabulary, addedTokens, unkTokenId, options);
        this.modelMaxLength = modelMaxLength;
    }

    private int required(String token, Path file) throws TokenizerException {
        int id = vocabulary.id(token);
        if (id < 0) {
            throw new TokenizerException(file + " has no token " + token + ", which BERT's tokenizer needs");
        }
        return id;
    }

    /**
     * Reads a model's tokenizer.
     *
     * @param folderOrVocabFile a folder with vocab.txt and, if it has one, tokenizer_config.json (do_lower_case,
     *     strip_accents, tokenize_chinese_chars, model_max_length); or a vocabulary, which then gets default options
     * @throws TokenizerException if a file is missing or wrong
     * @throws IOException if a file cannot be read
     */
    public static BertTokenizer fromPretrained(Path folderOrVocabFile) throws IOException {
        TokenizerFolder folder = TokenizerFolder.open(folderOrVocabFile);
        return new BertTokenizer(folder.vocabulary(), folder.options(), folder.modelMaxLength());
    }

    /** Reads the tokenizer of a folder, or of a model at the hub; see {@link BertModel#fromPretrained(String)}. */
    public static BertTokenizer fromPretrained(String nameOrFolder) throws IOException {
        return fromPretrained(nameOrFolder, HubOptions.defaults());
    }

    /** As {@link #fromPretrained(String)}, from that hub and revision; weights are not fetched for it. */
    public static BertTokenizer fromPretrained(String nameOrFolder, HubOptions options) throws IOException {
        return fromPretrained(ModelFolders.resolve(nameOrFolder, options, Hub::tokenizer));
    }

    /**
     * Makes a tokenizer from a vocabulary alone.
     *
     * @param vocab UTF-8 text with one token a line
     * @throws TokenizerException if the file is not a vocabulary with [UNK], [SEP] and [CLS]
     * @throws IOException if the file cannot be read
     */
    public static BertTokenizer of(Path vocab, TokenizerOptions options) throws IOException {
        return new BertTokenizer(vocab, options, Integer.MAX_VALUE);
    }

    /** Encodes [CLS] text [SEP]. */
    public Encoding encode(String text) {
        return encode(text, null, true);
    }

    /** Encodes [CLS] text [SEP] textPair [SEP]; an empty textPair counts as none. */
    public Encoding encode(String text, String textPair) {
        if (textPair == null) {
            throw new IllegalArgumentException("textPair is null");
        }
        return encode(text, textPair, true);
    }

    /**
     * Encodes a text or a pair of texts.
     *
     * @param textPairOrNull the second text; null or empty for none
     * @param addSpecialTokens whether to put [CLS] and [SEP] around the texts
     * @throws IllegalArgumentException if text is null
     */
    public Encoding encode(String text, String textPairOrNull, boolean addSpecialTokens) {
        Tokens first = tokens(text);
        boolean pair = textPairOrNull != null && !textPairOrNull.isEmpty();
        Tokens second = pair ? tokens(textPairOrNull) : null;
        int length = first.size() + (pair ? second.size() : 0) + (addSpecialTokens ? pair ? 3 : 2 : 0);
        EncodingBuilder parts = new EncodingBuilder(length);
        if (addSpecialTokens) {
            parts.special(clsTokenId, 0);
        }
        parts.sequence(first, text, 0, 0);
        if (addSpecialTokens) {
            parts.special(sepTokenId, 0);
        }
        if (pair) {
            parts.sequence(second, textPairOrNull, 1, 1);
            if (addSpecialTokens) {
                parts.special(sepTokenId, 1);
            }
        }
        return new Encoding(this, parts);
    }

    /** Encodes each text on its own, in order. */
    public List<Encoding> encodeBatch(List<String> texts) {
        List<Encoding> encodings = new ArrayList<>(texts.size());
        for (String text : texts) {
            encodings.add(encode(text));
        }
        return List.copyOf(encodings);
    }

    /** The tokens of a text, without [CLS] and [SEP]. */
    public List<String> tokenize(String text) {
        return encode(text, null, false).tokens();
    }

    private Tokens tokens(String text) {
        if (text == null) {
            throw new IllegalArgumentException("text is null");
        }
        return pipeline.tokenize(text);
    }

    /** The id of a token; the id of [UNK] if there is no such token. */
    public int tokenToId(String token) {
        int id = vocabulary.id(token);
        if (id < 0) {
            id = addedTokens.id(token);
        }
        return id < 0 ? unkTokenId : id;
    }

    /**
     * The token of an id.
     *
     * @throws IllegalArgumentException if no token has the id
     */
    public String idToToken(int id) {
        String token = vocabulary.token(id);
        if (token == null) {
            token = addedTokens.token(id);
        }
        if (token == null) {
            throw new IllegalArgumentException("no token has the id " + id + ": the vocabulary's ids are 0 to "
                    + (vocabulary.lines() - 1));
        }
        return token;
    }

    /** Number of different tokens in the vocabulary. */
    public int vocabSize() {
        return vocabulary.size();
    }

    /** The most tokens that the model takes at once; {@link Integer#MAX_VALUE} when that is unknown. */
    public int modelMaxLength() {
        return modelMaxLength;
    }

    /** The token for what the vocabulary cannot express. */
    public String unkToken() {
        return UNK;
    }

    /** The token that ends each text. */
    public String sepToken() {
        return SEP;
    }

    /** The token that fills up short texts. */
    public String padToken() {
        return PAD;
    }

    /** The token that begins every input. */
    public String clsToken() {
        return CLS;
    }

    /** The token that stands for a hidden one. */
    public String maskToken() {
        return MASK;
    }

    /** The id of {@link #unkToken}. */
    public int unkTokenId() {
        return unkTokenId;
    }

    /** The id of {@link #sepToken}. */
    public int sepTokenId() {
        return sepTokenId;
    }

    /** The id of {@link #padToken}. */
    public int padTokenId() {
        return addedTokens.id(PAD);
    }

    /** The id of {@link #clsToken}. */
    public int clsTokenId() {
        return clsTokenId;
    }

    /** The id of {@link #maskToken}. */
    public int maskTokenId() {
        return addedTokens.id(MASK);
    }
}
