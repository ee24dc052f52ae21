/**
 * Sentence embeddings and cross-encoders, from folders as sentence-transformers saves them, with its names and rules.
 */
package dev.bert4j.sentence;
