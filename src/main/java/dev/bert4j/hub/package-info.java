/** Models by name: fetched from a hub once, and kept in the cache that Python's {@code huggingface_hub} shares. */
package dev.bert4j.hub;
