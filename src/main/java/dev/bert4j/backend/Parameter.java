package dev.bert4j.backend;

/** A weight as a backend holds it: the mapped tensor itself, or what the backend prepared from it. */
public interface Parameter {
}
