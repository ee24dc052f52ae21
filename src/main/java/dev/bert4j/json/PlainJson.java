package dev.bert4j.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON that is plain: ASCII without escapes, valid, and with nothing that would have to be thought about. A
 * config and the header of a checkpoint are so, and a fresh JVM reads them with this one class in a fraction of the
 * time that it takes to load a whole parser. Whatever else there is, faults above all, is left to {@link Json}.
 */
final class PlainJson {
    /** What is answered where the text is not plain; null is a value. */
    static final Object OTHER = new Object();
    private static final int MOST_DEPTH = 32;
    /** Digits before a point, so many as surely fit a whole number. */
    private static final int MOST_DIGITS = 18;
    private static final int MOST_NUMBER = 40;

    private final byte[] text;
    private int at;

    private PlainJson(byte[] text) {
        this.text = text;
    }

    /** The value of a text as {@link Json#parse(byte[], String)} gives it, or {@link #OTHER}. */
    static Object parse(byte[] utf8) {
        PlainJson parser = new PlainJson(utf8);
        Object value = parser.value(0);
        parser.space();
        return parser.at == utf8.length ? value : OTHER;
    }

    /** The next byte, or −1 at the end. */
    private int peek() {
        return at < text.length ? text[at] : -1;
    }

    private void space() {
        while (at < text.length && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')) {
            at++;
        }
    }

    private Object value(int depth) {
        space();
        return switch (peek()) {
            case '{' -> depth < MOST_DEPTH ? object(depth + 1) : OTHER;
            case '[' -> depth < MOST_DEPTH ? array(depth + 1) : OTHER;
            case '"' -> string();
            case 't' -> word("true", Boolean.TRUE);
            case 'f' -> word("false", Boolean.FALSE);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Object object(int depth) {
        Map<String, Object> object = new LinkedHashMap<>();
        int names = 0;
        at++;
        space();
        if (peek() == '}') {
            at++;
            return object;
        }
        while (true) {
            space();
            Object name = peek() == '"' ? string() : OTHER;
            space();
            if (name == OTHER || peek() != ':') {
                return OTHER;
            }
            at++;
            Object value = value(depth);
            if (value == OTHER) {
                return OTHER;
            }
            object.put((String) name, value);
            names++;
            space();
            int next = peek();
            at++;
            if (next != ',') {
                // A name that is there twice is not plain.
                return next == '}' && object.size() == names ? object : OTHER;
            }
        }
    }

    private Object array(int depth) {
        List<Object> array = new ArrayList<>();
        at++;
        space();
        if (peek() == ']') {
            at++;
            return array;
        }
        while (true) {
            Object value = value(depth);
            if (value == OTHER) {
                return OTHER;
            }
            array.add(value);
            space();
            int next = peek();
            at++;
            if (next != ',') {
                return next == ']' ? array : OTHER;
            }
        }
    }

    private Object string() {
        // Most of a text is strings, and this is interpreted: hence the local variables.
        byte[] bytes = text;
        int from = at + 1;
        for (int i = from; i < bytes.length; i++) {
            byte next = bytes[i];
            if (next == '"') {
                at = i + 1;
                return new String(bytes, from, i - from, StandardCharsets.ISO_8859_1);
            }
            // Bytes of characters beyond ASCII are negative.
            if (next < ' ' || next == '\\') {
                return OTHER;
            }
        }
        return OTHER;
    }

    private Object word(String word, Object value) {
        for (int i = 0; i < word.length(); i++) {
            if (peek() != word.charAt(i)) {
                return OTHER;
            }
            at++;
        }
        return value;
    }

    private Object number() {
        // Most numbers are sizes and offsets of tensors, for which a string would take longer than to add up digits.
        byte[] bytes = text;
        int from = at;
        int digits = peek() == '-' ? from + 1 : from;
        int i = digits;
        long value = 0;
        while (i < bytes.length && bytes[i] >= '0' && bytes[i] <= '9' && i - digits < MOST_DIGITS) {
            value = value * 10 + bytes[i++] - '0';
        }
        at = i;
        if (i == digits || i - digits > 1 && bytes[digits] == '0') {
            return OTHER;
        }
        int next = peek();
        if (next == '.' || next == 'e' || next == 'E') {
            return fraction(from);
        }
        if (next >= '0' && next <= '9') {
            return OTHER;
        }
        return digits == from ? value : -value;
    }

    /** A number that goes on behind its whole part. */
    private Object fraction(int from) {
        if (peek() == '.') {
            at++;
            if (!digits()) {
                return OTHER;
            }
        }
        if (peek() == 'e' || peek() == 'E') {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            if (!digits()) {
                return OTHER;
            }
        }
        if (at - from > MOST_NUMBER) {
            return OTHER;
        }
        double value = Double.parseDouble(new String(text, from, at - from, StandardCharsets.ISO_8859_1));
        return Double.isInfinite(value) ? OTHER : value;
    }

    /** Passes digits over; whether there was one. */
    private boolean digits() {
        int from = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        return at > from;
    }
}
