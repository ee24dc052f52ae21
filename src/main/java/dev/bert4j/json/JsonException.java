package dev.bert4j.json;

import java.io.IOException;

/** A text that is not the JSON it should be: one sentence with the text's name, the fault, its line and its column. */
public final class JsonException extends IOException {
    private static final long serialVersionUID = 1;

    JsonException(String what, String fault, int line, int column, Throwable cause) {
        super(what + " is not valid JSON: " + fault + " (line " + line + ", column " + column + ")", cause);
    }
}
