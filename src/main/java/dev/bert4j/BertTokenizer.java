package dev.bert4j;

import dev.bert4j.events.Recorder;
import dev.bert4j.events.TokenizeEvent;
import dev.bert4j.hub.Hub;
import dev.bert4j.hub.HubOptions;
import dev.bert4j.tokenizer.TokenizerPipeline;
import dev.bert4j.tokenizer.Tokens;
import dev.bert4j.tokenizer.WordPieceDecoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * BERT's WordPiece tokenizer, with the results of Hugging Face's BertTokenizerFast. Immutable and safe to share among
 * threads.
 * <pre>{@code
 * BertTokenizer tokenizer = BertTokenizer.fromPretrained(Path.of("bert-base-cased"));
 * Encoding encoding = tokenizer.encode("Nice to [MASK] you");
 * }</pre>
 * Special tokens such as [MASK] are recognized inside a text, exactly as written. Nothing is cut or padded unless
 * {@link EncodeOptions} ask for it, whatever a tokenizer.json says.
 */
public final class BertTokenizer extends TokenizerProperties {
    /** Characters of a batch below which threads cost more than they bring. */
    private static final int PARALLEL_CHARS = 50_000;

    private final TokenizerPipeline pipeline;

    BertTokenizer(TokenizerParts parts) {
        super(parts);
        pipeline = new TokenizerPipeline(parts.wordPiece(), parts.addedTokens(), parts.options());
    }

    /**
     * Reads a model's tokenizer.
     *
     * @param folderOrVocabFile a folder with tokenizer.json, or with vocab.txt and perhaps added_tokens.json, and
     *     perhaps tokenizer_config.json and special_tokens_map.json beside; or a vocabulary, which then gets default
     *     options
     * @throws TokenizerException if a file is missing or wrong
     * @throws IOException if a file cannot be read
     */
    public static BertTokenizer fromPretrained(Path folderOrVocabFile) throws IOException {
        return new BertTokenizer(TokenizerFolder.open(folderOrVocabFile));
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
        return new BertTokenizer(TokenizerFolder.ofVocabulary(vocab, options));
    }

    /** This tokenizer with further tokens; those that it has keep their ids and take on the new properties. */
    public BertTokenizer withAddedTokens(AddedToken... tokens) {
        return new BertTokenizer(parts().with(parts().addedTokens().with(List.of(tokens))));
    }

    /** This tokenizer, padding and cutting at other sides. */
    public BertTokenizer withSides(Side padding, Side truncation) {
        return new BertTokenizer(parts().with(padding, truncation));
    }

    /**
     * Saves tokenizer.json, tokenizer_config.json, special_tokens_map.json and vocab.txt, from which this class and the
     * reference make the same tokenizer again. What is in the folder is replaced only when everything is written.
     *
     * @param folder where to; made if it is not there
     * @throws IOException if it cannot be written
     */
    public void savePretrained(Path folder) throws IOException {
        TokenizerSaving.save(folder, parts());
    }

    /** Encodes [CLS] text [SEP]. */
    public Encoding encode(String text) {
        return encode(text, null, EncodeOptions.defaults());
    }

    /** Encodes a text. */
    public Encoding encode(String text, EncodeOptions options) {
        return encode(text, null, options);
    }

    /** Encodes [CLS] text [SEP] textPair [SEP]; an empty textPair counts as none. */
    public Encoding encode(String text, String textPair) {
        if (textPair == null) {
            throw new IllegalArgumentException("textPair is null");
        }
        return encode(text, textPair, EncodeOptions.defaults());
    }

    /** Encodes a text or a pair of texts, with special tokens or without. */
    public Encoding encode(String text, String textPairOrNull, boolean addSpecialTokens) {
        return encode(text, textPairOrNull, EncodeOptions.defaults().withSpecialTokens(addSpecialTokens));
    }

    /**
     * Encodes a text or a pair of texts.
     *
     * @param textPairOrNull the second text; null or empty for none
     * @throws IllegalArgumentException if text is null, or the options cannot be met; the message says why
     */
    public Encoding encode(String text, String textPairOrNull, EncodeOptions options) {
        TokenizeEvent event = Recorder.isStarted() ? TokenizeEvent.begun() : null;
        Encoding encoding = encoder(options).encode(List.of(texts(text, textPairOrNull))).getFirst();
        if (event != null) {
            event.done(1, encoding.size());
        }
        return encoding;
    }

    /** Encodes each text on its own, in order. */
    public List<Encoding> encodeBatch(List<String> texts) {
        return encodeBatch(texts, null, EncodeOptions.defaults());
    }

    /** Encodes each text on its own, in order; padded to the longest of them if the options say so. */
    public List<Encoding> encodeBatch(List<String> texts, EncodeOptions options) {
        return encodeBatch(texts, null, options);
    }

    /**
     * Encodes texts or pairs of texts, in order, those of a large batch on several threads.
     *
     * @param textPairsOrNull as many second texts, each of which may be null or empty for none; or null
     */
    public List<Encoding> encodeBatch(List<String> texts, List<String> textPairsOrNull, EncodeOptions options) {
        if (textPairsOrNull != null && textPairsOrNull.size() != texts.size()) {
            throw new IllegalArgumentException("There are " + texts.size() + " texts but " + textPairsOrNull.size()
                    + " second texts.");
        }
        TokenizeEvent event = Recorder.isStarted() ? TokenizeEvent.begun() : null;
        Encoder encoder = encoder(options);
        IntStream numbers = IntStream.range(0, texts.size());
        if (texts.stream().mapToLong(text -> text == null ? 0 : text.length()).sum() >= PARALLEL_CHARS) {
            numbers = numbers.parallel();
        }
        List<Encoding> encodings = encoder.encode(numbers.mapToObj(i -> texts(texts.get(i),
                textPairsOrNull == null ? null : textPairsOrNull.get(i))).toList());
        if (event != null) {
            event.done(texts.size(), encodings.stream().mapToLong(Encoding::size).sum());
        }
        return encodings;
    }

    /**
     * Encodes a text that is split into words already; word ids are their numbers, and offsets are those in each word.
     *
     * @param wordPairsOrNull the words of a second text; null or none for no second text
     */
    public Encoding encodeWords(List<String> words, List<String> wordPairsOrNull, EncodeOptions options) {
        List<Tokens> texts = new ArrayList<>(List.of(words(words)));
        if (wordPairsOrNull != null && !wordPairsOrNull.isEmpty()) {
            texts.add(words(wordPairsOrNull));
        }
        return encoder(options).encode(List.of(texts)).getFirst();
    }

    private Tokens words(List<String> words) {
        words.forEach(word -> requireText(word, "a word"));
        return pipeline.tokenize(words);
    }

    /** What writes the ids of texts into arrays, and makes no garbage; for one thread at a time. */
    public TokenIds tokenIds() {
        return new TokenIds(pipeline, parts().template());
    }

    /** The tokens of a text, without [CLS] and [SEP]. */
    public List<String> tokenize(String text) {
        return encode(text, null, false).tokens();
    }

    private List<Tokens> texts(String text, String textPairOrNull) {
        requireText(text, "text");
        Tokens first = pipeline.tokenize(text);
        return textPairOrNull == null || textPairOrNull.isEmpty() ? List.of(first)
                : List.of(first, pipeline.tokenize(textPairOrNull));
    }

    private static void requireText(String text, String what) {
        if (text == null) {
            throw new IllegalArgumentException(what + " is null");
        }
    }

    private Encoder encoder(EncodeOptions options) {
        return new Encoder(this, parts().template(), options);
    }

    /** The text of ids: pieces joined to words, words set apart by spaces, and these taken away before marks. */
    public String decode(int... ids) {
        return decode(ids, false, parts().cleanUp());
    }

    /** As {@link #decode(int...)}, with special tokens or without. */
    public String decode(int[] ids, boolean skipSpecialTokens) {
        return decode(ids, skipSpecialTokens, parts().cleanUp());
    }

    /**
     * The text of ids.
     *
     * @param skipSpecialTokens whether to leave special tokens out
     * @param cleanUpTokenizationSpaces whether to take spaces before marks and contractions away in the whole text,
     *     too; between two tokens the tokenizer's own decoder does in any case
     * @throws IllegalArgumentException if no token has one of the ids
     */
    public String decode(int[] ids, boolean skipSpecialTokens, boolean cleanUpTokenizationSpaces) {
        String text = tokensToString(Arrays.stream(ids)
                .filter(id -> !skipSpecialTokens || !parts().addedTokens().isSpecial(id)).mapToObj(this::idToToken)
                .toList());
        return cleanUpTokenizationSpaces ? WordPieceDecoder.cleanUp(text) : text;
    }

    /** The text of tokens (convert_tokens_to_string). */
    public String tokensToString(List<String> tokens) {
        return parts().decoder().decode(tokens);
    }

    /** As the reference prints it. */
    @Override
    public String toString() {
        return TokenizerSaving.repr(parts());
    }
}
