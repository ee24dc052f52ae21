package dev.bert4j;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tokens with a task of their own.
 *
 * @param unk for what the vocabulary cannot express
 * @param sep at the end of each text
 * @param pad that fills up short texts
 * @param cls at the beginning of every input
 * @param mask for a hidden one
 * @param additional others that decoding leaves out
 */
record SpecialTokens(String unk, String sep, String pad, String cls, String mask, List<String> additional) {
    /** Those of BERT. */
    static final SpecialTokens BERT = new SpecialTokens("[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]", List.of());

    /** Their names in files. */
    static final List<String> KEYS = List.of("unk_token", "sep_token", "pad_token", "cls_token", "mask_token");
    static final String ADDITIONAL_KEY = "additional_special_tokens";

    /** By their names in files, without the additional ones. */
    Map<String, String> byKey() {
        Map<String, String> map = new LinkedHashMap<>();
        List<String> contents = List.of(unk, sep, pad, cls, mask);
        for (int i = 0; i < KEYS.size(); i++) {
            map.put(KEYS.get(i), contents.get(i));
        }
        return map;
    }

    /** All of them, each once. */
    List<String> all() {
        Set<String> all = new LinkedHashSet<>(byKey().values());
        all.addAll(additional);
        return List.copyOf(all);
    }
}
