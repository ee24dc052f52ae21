package dev.bert4j.json;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Strict JSON to and from plain values. An object is a {@code LinkedHashMap<String, Object>} in the order of the text,
 * an array a {@code List<Object>}; a number without fraction and exponent is a {@code Long}, or a {@code BigInteger}
 * where it does not fit, any other a finite {@code Double}; then {@code String}, {@code Boolean} and {@code null}.
 */
public final class Json {
    /** Arrays and objects within each other; more is refused, so that no text can exhaust the stack. */
    static final int MAX_DEPTH = 256;
    /** Digits of a number; more would only serve to keep the parser busy. */
    private static final int MAX_DIGITS = 1000;
    private Json() {
    }

    /** Of errors. */
    private static final class Errors {
        /** How the parser says where it is. */
        private static final Pattern PLACE = Pattern.compile(" at line (\\d+) column (\\d+)");

        private Errors() {
        }
    }

    /**
     * The one value that a UTF-8 text holds.
     *
     * @param what what the text is, to begin an error's sentence: a file, say
     * @throws JsonException if it is not UTF-8 (a byte order mark is not JSON either), not JSON, has the same key
     *         twice in an object, goes deeper than 256 levels, or has anything but white space after the value
     */
    public static Object parse(byte[] utf8, String what) throws JsonException {
        Object plain = PlainJson.parse(utf8);
        if (plain != PlainJson.OTHER) {
            return plain;
        }
        var in = ByteBuffer.wrap(utf8);
        var out = CharBuffer.allocate(utf8.length);
        // Decoded here because the parser would guess UTF-16 and UTF-32 from the bytes and let some broken UTF-8 pass.
        boolean broken = StandardCharsets.UTF_8.newDecoder().decode(in, out, true).isError();
        out.flip();
        if (broken) {
            String before = out.toString();
            int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
            int column = before.length() - before.lastIndexOf('\n');
            throw new JsonException(what, "a byte that is not UTF-8", line, column, null);
        }
        return parse(out.toString(), what);
    }

    /**
     * The one value that a text holds.
     *
     * @param what what the text is, to begin an error's sentence: a file, say
     * @throws JsonException as {@link #parse(byte[], String)} does
     */
    public static Object parse(String text, String what) throws JsonException {
        // The parser would skip a byte order mark without a word.
        if (text.startsWith("\uFEFF")) {
            throw new JsonException(what, "a byte order mark stands before it", 1, 1, null);
        }
        var parser = new JsonReader(new StringReader(text));
        parser.setStrictness(Strictness.STRICT);
        parser.setNestingLimit(MAX_DEPTH);
        try {
            Object value = value(parser, what);
            String after = parser.toString();
            if (follows(parser)) {
                throw fault(what, "something follows the value", after, null);
            }
            return value;
        } catch (JsonException e) {
            throw e;
        } catch (IOException | IllegalStateException e) {
            throw fault(what, text.isBlank() ? "it is empty" : plain(e), e.getMessage() + parser, e);
        }
    }

    private static boolean follows(JsonReader parser) {
        try {
            return parser.peek() != JsonToken.END_DOCUMENT;
        } catch (IOException malformed) {
            return true;
        }
    }

    private static Object value(JsonReader parser, String what) throws IOException {
        return switch (parser.peek()) {
            case BEGIN_OBJECT -> {
                Map<String, Object> object = new LinkedHashMap<>();
                parser.beginObject();
                while (parser.hasNext()) {
                    String name = parser.nextName();
                    if (object.containsKey(name)) {
                        throw fault(what, "\"" + name + "\" stands in an object twice", parser.toString(), null);
                    }
                    object.put(name, value(parser, what));
                }
                parser.endObject();
                yield object;
            }
            case BEGIN_ARRAY -> {
                List<Object> array = new ArrayList<>();
                parser.beginArray();
                while (parser.hasNext()) {
                    array.add(value(parser, what));
                }
                parser.endArray();
                yield array;
            }
            case NUMBER -> number(parser, what);
            case STRING -> parser.nextString();
            case BOOLEAN -> parser.nextBoolean();
            default -> {
                parser.nextNull();
                yield null;
            }
        };
    }

    private static Object number(JsonReader parser, String what) throws IOException {
        String digits = parser.nextString();
        if (digits.length() > MAX_DIGITS) {
            throw fault(what, "a number has more than " + MAX_DIGITS + " digits", parser.toString(), null);
        }
        if (isWhole(digits)) {
            // As long as this surely fits, without the detour.
            if (digits.length() < 19) {
                return Long.parseLong(digits);
            }
            BigInteger big = new BigInteger(digits);
            // An if, because the two arms of a conditional expression would be made one numeric type.
            if (big.bitLength() < Long.SIZE) {
                return big.longValue();
            }
            return big;
        }
        double number = Double.parseDouble(digits);
        if (Double.isInfinite(number)) {
            throw fault(what, "the number " + digits + " is too large for a double", parser.toString(), null);
        }
        return number;
    }

    private static boolean isWhole(String digits) {
        return digits.indexOf('.') < 0 && digits.indexOf('e') < 0 && digits.indexOf('E') < 0;
    }

    /** What the parser says, without its advice to its own users. */
    private static String plain(Exception e) {
        String said = e.getMessage() == null ? ""
                : Errors.PLACE.split(e.getMessage().lines().findFirst().orElse(""))[0];
        return said.isBlank() || said.contains("JsonReader") ? "it is malformed" : said;
    }

    private static JsonException fault(String what, String fault, String place, Exception cause) {
        Matcher at = Errors.PLACE.matcher(place);
        boolean known = at.find();
        return new JsonException(what, fault, known ? Integer.parseInt(at.group(1)) : 1,
                known ? Integer.parseInt(at.group(2)) : 1, cause);
    }

    /**
     * The value as one line of JSON.
     *
     * @param value what {@link #parse(String, String)} gives, or any other {@code Map} with string keys or {@code List}
     *        of such values, {@code Integer} and {@code Float}
     * @throws IllegalArgumentException for anything else, NaN and the infinities included
     */
    public static String write(Object value) {
        return write(value, "");
    }

    /** As {@link #write(Object)}, in lines for people to read: each key and each element on its own, indented. */
    public static String writeIndented(Object value) {
        return write(value, "  ");
    }

    private static String write(Object value, String indent) {
        var text = new StringWriter();
        try {
            // Never closed, for that would complain of a value left unfinished by the fault that is on its way.
            var writer = new JsonWriter(text);
            writer.setIndent(indent);
            write(writer, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void write(JsonWriter generator, Object value) throws IOException {
        switch (value) {
            case null -> generator.nullValue();
            case Map<?, ?> object -> {
                generator.beginObject();
                for (Map.Entry<?, ?> entry : object.entrySet()) {
                    if (!(entry.getKey() instanceof String name)) {
                        throw new IllegalArgumentException("a key of JSON is a string, not " + entry.getKey());
                    }
                    generator.name(name);
                    write(generator, entry.getValue());
                }
                generator.endObject();
            }
            case List<?> array -> {
                generator.beginArray();
                for (Object element : array) {
                    write(generator, element);
                }
                generator.endArray();
            }
            case String string -> generator.value(string);
            case Boolean bool -> generator.value(bool.booleanValue());
            case BigInteger big -> generator.value(big);
            case Float f when Float.isFinite(f) -> generator.value(f.floatValue());
            case Double d when Double.isFinite(d) -> generator.value(d.doubleValue());
            case Long l -> generator.value(l.longValue());
            case Integer i -> generator.value(i.intValue());
            default -> throw new IllegalArgumentException("JSON has no value for the "
                    + value.getClass().getSimpleName() + " " + value);
        }
    }
}
