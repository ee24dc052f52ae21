/** Strict JSON, to and from plain Java values. */
package dev.bert4j.json;
