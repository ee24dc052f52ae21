/**
 * The module graph, named as in {@code modeling_bert.py}.
 *
 * <p>Every module can be called on its own in two ways. With {@link dev.bert4j.Tensor}s, as a notebook does: the values
 * go to the backend and come back. With a {@link dev.bert4j.backend.Session} and its
 * {@link dev.bert4j.backend.Activation}s, as the model itself does: they stay on the backend.
 */
package dev.bert4j.model;
