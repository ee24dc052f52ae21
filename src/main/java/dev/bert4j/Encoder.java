package dev.bert4j;

import dev.bert4j.tokenizer.Template;
import dev.bert4j.tokenizer.Tokens;
import dev.bert4j.tokenizer.Truncation;
import dev.bert4j.tokenizer.Truncation.Window;
import java.util.ArrayList;
import java.util.List;

/** From the tokens of texts to encodings: windows, template and padding. */
final class Encoder {
    private final BertTokenizer tokenizer;
    private final EncodeOptions options;
    private final Template template;

    Encoder(BertTokenizer tokenizer, Template template, EncodeOptions options) {
        this.tokenizer = tokenizer;
        this.options = options;
        this.template = options.addSpecialTokens() ? template : template.withoutSpecial();
        int limit = limit();
        if (options.truncation() != TruncationStrategy.DO_NOT_TRUNCATE
                && options.padding() != PaddingStrategy.DO_NOT_PAD && options.padToMultipleOf() > 0
                && options.maxLength() != EncodeOptions.MODEL_MAX_LENGTH && limit % options.padToMultipleOf() != 0) {
            throw new IllegalArgumentException("Texts are to be cut to " + limit + " tokens and padded to a multiple"
                    + " of " + options.padToMultipleOf() + "; maxLength must be such a multiple.");
        }
    }

    /**
     * The tokens of one text or two, and the windows of each. The first of each are kept; all other combinations
     * overflow, and of two long texts there are so many that they are made only when somebody asks.
     */
    private record Cut(List<Tokens> texts, List<List<Window>> each) {
        List<Window> kept() {
            return each.stream().map(List::getFirst).toList();
        }

        boolean isTruncated() {
            return each.stream().anyMatch(windows -> windows.size() > 1);
        }

        List<List<Window>> overflowing() {
            List<Window> first = each.getFirst();
            return each.size() == 1 ? first.stream().skip(1).map(List::of).toList()
                    : combined(first, each.get(1)).stream().skip(1).toList();
        }
    }

    /** One encoding a text, or a pair of texts. */
    List<Encoding> encode(List<List<Tokens>> batch) {
        List<Cut> cuts = batch.stream().map(this::cut).toList();
        int target = switch (options.padding()) {
            case DO_NOT_PAD -> 0;
            case LONGEST -> cuts.stream().mapToInt(cut -> length(cut, cut.kept())).max().orElse(0);
            case MAX_LENGTH -> limit() == Integer.MAX_VALUE ? 0 : limit();
        };
        int multiple = options.padToMultipleOf();
        int length = multiple == 0 ? target : Math.ceilDiv(target, multiple) * multiple;
        return cuts.stream().map(cut -> encoding(cut, length)).toList();
    }

    private int limit() {
        return options.maxLength() == EncodeOptions.MODEL_MAX_LENGTH ? tokenizer.modelMaxLength()
                : options.maxLength();
    }

    private Cut cut(List<Tokens> texts) {
        boolean two = texts.size() == 2;
        int added = template.added(two);
        boolean limited = options.truncation() != TruncationStrategy.DO_NOT_TRUNCATE && limit() != Integer.MAX_VALUE;
        if (limited && limit() < added) {
            throw new IllegalArgumentException("maxLength is " + limit() + ", but the special tokens alone are " + added
                    + "; allow at least as many.");
        }
        Side side = options.truncationSide() != null ? options.truncationSide() : tokenizer.truncationSide();
        List<List<Window>> each = Truncation.windows(texts.getFirst().size(), two ? texts.get(1).size() : -1,
                limited ? limit() - added : Integer.MAX_VALUE, options.stride(),
                limited ? options.truncation() : TruncationStrategy.DO_NOT_TRUNCATE, side);
        return new Cut(texts, two ? each : each.subList(0, 1));
    }

    /** The first windows, each later one of the first text with all of the second, and the first with its later. */
    private static List<List<Window>> combined(List<Window> first, List<Window> second) {
        List<List<Window>> all = new ArrayList<>();
        all.add(List.of(first.getFirst(), second.getFirst()));
        for (Window a : first.subList(1, first.size())) {
            second.forEach(b -> all.add(List.of(a, b)));
        }
        second.subList(1, second.size()).forEach(b -> all.add(List.of(first.getFirst(), b)));
        return all;
    }

    private int length(Cut cut, List<Window> windows) {
        return EncodingBuilder.length(template.pieces(cut.texts.size() == 2), windows);
    }

    private Encoding encoding(Cut cut, int length) {
        return new Encoding(tokenizer, parts(cut, cut.kept(), length), !cut.isTruncated() ? null
                : () -> cut.overflowing().stream()
                        .map(windows -> new Encoding(tokenizer, parts(cut, windows, length), null)).toList());
    }

    private EncodingBuilder parts(Cut cut, List<Window> windows, int length) {
        Side side = options.paddingSide() != null ? options.paddingSide() : tokenizer.paddingSide();
        return EncodingBuilder.of(template.pieces(cut.texts.size() == 2), cut.texts, windows,
                Math.max(length, length(cut, windows)), side, tokenizer.padTokenId());
    }
}
