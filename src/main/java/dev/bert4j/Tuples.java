package dev.bert4j;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** The tuples that outputs turn into. */
final class Tuples {
    private Tuples() {
    }

    /** The fields that are there. */
    static List<Object> present(Object... fields) {
        return Arrays.stream(fields).filter(Objects::nonNull).toList();
    }
}
