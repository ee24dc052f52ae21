package dev.bert4j.json;

import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * Strict JSON to and from plain values. An object is a {@code LinkedHashMap<String, Object>} in the order of the text,
 * an array a {@code List<Object>}; a number without fraction and exponent is a {@code Long}, or a {@code BigInteger}
 * where it does not fit, any other a finite {@code Double}; then {@code String}, {@code Boolean} and {@code null}.
 */
public final class Json {
    /** Arrays and objects within each other; more is refused, so that no text can exhaust the stack. */
    static final int MAX_DEPTH = 256;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build();

    private Json() {
    }

    /**
     * The one value that a UTF-8 text holds.
     *
     * @param what what the text is, to begin an error's sentence: a file, say
     * @throws JsonException if it is not UTF-8 (a byte order mark is not JSON either), not JSON, has the same key
     *         twice in an object, goes deeper than 256 levels, or has anything but white space after the value
     */
    public static Object parse(byte[] utf8, String what) throws JsonException {
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
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            try {
                JsonToken token = parser.nextToken();
                if (token == null) {
                    throw fault(what, "it is empty", parser, null);
                }
                Object value = value(parser, token, what);
                if (parser.nextToken() != null) {
                    throw fault(what, "something follows the value", parser, null);
                }
                return value;
            } catch (JacksonException e) {
                throw fault(what, e.getOriginalMessage(), parser, e);
            }
        }
    }

    private static Object value(JsonParser parser, JsonToken token, String what) throws JsonException {
        return switch (token) {
            case START_OBJECT -> {
                Map<String, Object> object = new LinkedHashMap<>();
                for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                    object.put(name, value(parser, parser.nextToken(), what));
                }
                yield object;
            }
            case START_ARRAY -> {
                List<Object> array = new ArrayList<>();
                for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
                    array.add(value(parser, t, what));
                }
                yield array;
            }
            case VALUE_NUMBER_INT -> parser.getNumberValue() instanceof BigInteger big ? big : parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> {
                double number = parser.getDoubleValue();
                if (Double.isInfinite(number)) {
                    throw fault(what, "the number " + parser.getString() + " is too large for a double", parser, null);
                }
                yield number;
            }
            case VALUE_STRING -> parser.getString();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    private static JsonException fault(String what, String fault, JsonParser parser, JacksonException cause) {
        TokenStreamLocation at = cause == null ? parser.currentTokenLocation() : cause.getLocation();
        if (at == null) {
            at = parser.currentLocation();
        }
        // "(start marker at [Source: …])" is about Jackson's own objects.
        String plain = fault.replaceAll("\\s*\\(start marker at \\[.*?]\\)", "").replaceAll("\\s+", " ");
        return new JsonException(what, plain, at.getLineNr(), at.getColumnNr(), cause);
    }

    /**
     * The value as one line of JSON.
     *
     * @param value what {@link #parse(String, String)} gives, or any other {@code Map} with string keys or {@code List}
     *        of such values, {@code Integer} and {@code Float}
     * @throws IllegalArgumentException for anything else, NaN and the infinities included
     */
    public static String write(Object value) {
        var text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            write(generator, value);
        }
        return text.toString();
    }

    private static void write(JsonGenerator generator, Object value) {
        switch (value) {
            case null -> generator.writeNull();
            case Map<?, ?> object -> {
                generator.writeStartObject();
                for (Map.Entry<?, ?> entry : object.entrySet()) {
                    if (!(entry.getKey() instanceof String name)) {
                        throw new IllegalArgumentException("a key of JSON is a string, not " + entry.getKey());
                    }
                    generator.writeName(name);
                    write(generator, entry.getValue());
                }
                generator.writeEndObject();
            }
            case List<?> array -> {
                generator.writeStartArray();
                for (Object element : array) {
                    write(generator, element);
                }
                generator.writeEndArray();
            }
            case String string -> generator.writeString(string);
            case Boolean bool -> generator.writeBoolean(bool);
            case BigInteger big -> generator.writeNumber(big);
            case Float f when Float.isFinite(f) -> generator.writeNumber(f.floatValue());
            case Double d when Double.isFinite(d) -> generator.writeNumber(d.doubleValue());
            case Long l -> generator.writeNumber(l.longValue());
            case Integer i -> generator.writeNumber(i.intValue());
            default -> throw new IllegalArgumentException("JSON has no value for the "
                    + value.getClass().getSimpleName() + " " + value);
        }
    }
}
