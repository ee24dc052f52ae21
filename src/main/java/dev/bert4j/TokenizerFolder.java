package dev.bert4j;

import dev.bert4j.json.Json;
import dev.bert4j.tokenizer.AddedTokens;
import dev.bert4j.tokenizer.Template;
import dev.bert4j.tokenizer.Vocabulary;
import dev.bert4j.tokenizer.WordPiece;
import dev.bert4j.tokenizer.WordPieceDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads the files of a tokenizer as {@code from_pretrained} does: tokenizer.json, or vocab.txt with added_tokens.json;
 * and beside either tokenizer_config.json and special_tokens_map.json, the latter of which wins.
 */
final class TokenizerFolder {
    static final String VOCABULARY = "vocab.txt";
    static final String CONFIG = "tokenizer_config.json";
    static final String FAST = "tokenizer.json";
    static final String SPECIAL = "special_tokens_map.json";
    static final String ADDED = "added_tokens.json";

    private final Path folder;
    private final TokenizerConfig config;

    private TokenizerFolder(Path folder) throws IOException {
        this.folder = folder;
        config = new TokenizerConfig(object(CONFIG), object(SPECIAL), folder.resolve(CONFIG).toString(),
                folder.resolve(SPECIAL).toString());
    }

    /** Opens a folder, or a vocabulary alone. */
    static TokenizerParts open(Path folderOrVocabFile) throws IOException {
        if (!Files.exists(folderOrVocabFile)) {
            throw new TokenizerException("there is no tokenizer at " + folderOrVocabFile
                    + ": it should be a folder with " + VOCABULARY + " or " + FAST + ", or a " + VOCABULARY
                    + " itself");
        }
        if (!Files.isDirectory(folderOrVocabFile)) {
            return ofVocabulary(folderOrVocabFile, TokenizerOptions.defaults());
        }
        TokenizerFolder files = new TokenizerFolder(folderOrVocabFile);
        if (Files.isRegularFile(folderOrVocabFile.resolve(FAST))) {
            return files.fast();
        }
        if (Files.isRegularFile(folderOrVocabFile.resolve(VOCABULARY))) {
            return files.slow();
        }
        throw new TokenizerException("the folder " + folderOrVocabFile + " has neither " + FAST + " nor " + VOCABULARY);
    }

    /** A vocabulary with the special tokens and the template of BERT. */
    static TokenizerParts ofVocabulary(Path file, TokenizerOptions options) throws IOException {
        return slow(file, file.toString(), List.of(),
                new TokenizerConfig(Map.of(), Map.of(), file.toString(), file.toString()), options);
    }

    private TokenizerParts slow() throws IOException {
        return slow(folder.resolve(VOCABULARY), folder.toString(), added(), config, config.options());
    }

    private static TokenizerParts slow(Path file, String name, List<AddedToken> added, TokenizerConfig config,
            TokenizerOptions options) throws IOException {
        Vocabulary vocabulary = Vocabulary.parse(Files.readAllBytes(file), file.toString());
        SpecialTokens special = config.special();
        int unk = required(vocabulary, special.unk(), file);
        int cls = required(vocabulary, special.cls(), file);
        int sep = required(vocabulary, special.sep(), file);
        List<AddedToken> all = new ArrayList<>(added);
        for (String content : special.all()) {
            all.add(AddedToken.special(content));
        }
        AddedTokens tokens = AddedTokens.none(vocabulary).with(all);
        WordPiece wordPiece = new WordPiece(vocabulary, unk);
        return new TokenizerParts(name, vocabulary, tokens, wordPiece, options, Template.bert(cls, sep),
                new WordPieceDecoder(wordPiece.prefix(), true), special, config.modelMaxLength(),
                config.side("padding_side"), config.side("truncation_side"), config.cleanUp(),
                EncodeOptions.defaults());
    }

    private static int required(Vocabulary vocabulary, String token, Path file) throws TokenizerException {
        int id = vocabulary.id(token);
        if (id < 0) {
            throw new TokenizerException(file + " has no token " + token + ", which BERT's tokenizer needs");
        }
        return id;
    }

    /** Tokens of added_tokens.json by their ids; whether they are special, the other files say. */
    private List<AddedToken> added() throws IOException {
        Map<Long, String> byId = new TreeMap<>();
        for (Map.Entry<String, Object> token : object(ADDED).entrySet()) {
            if (!(token.getValue() instanceof Long id) || byId.put(id, token.getKey()) != null) {
                throw new TokenizerException(folder.resolve(ADDED) + " gives the token " + token.getKey() + " the id "
                        + token.getValue() + ", which is no number of its own");
            }
        }
        List<AddedToken> tokens = new ArrayList<>();
        for (String content : byId.values()) {
            tokens.add(AddedToken.of(content));
        }
        return tokens;
    }

    private TokenizerParts fast() throws IOException {
        Path file = folder.resolve(FAST);
        TokenizerJson json = new TokenizerJson(object(FAST), file.toString());
        SpecialTokens special = config.special();
        Vocabulary vocabulary = json.vocabulary();
        AddedTokens tokens = json.addedTokens(vocabulary);
        List<AddedToken> unknown = new ArrayList<>();
        for (String content : special.all()) {
            if (tokens.id(content) < 0) {
                unknown.add(AddedToken.special(content));
            }
        }
        WordPiece wordPiece = json.wordPiece(vocabulary);
        // As in the reference, what the config does not say has its default; without a config, the file counts.
        TokenizerOptions options = config.isThere() ? config.options() : json.options();
        return new TokenizerParts(folder.toString(), vocabulary, tokens.with(unknown), wordPiece, options,
                json.template(vocabulary, tokens), json.decoder(), special, config.modelMaxLength(),
                config.side("padding_side"), config.side("truncation_side"), config.cleanUp(), json.encodeOptions());
    }

    /** A JSON object, empty where there is no such file. */
    private Map<String, Object> object(String name) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            return Map.of();
        }
        return JsonFields.object(Json.parse(Files.readAllBytes(file), file.toString()), file.toString());
    }
}
