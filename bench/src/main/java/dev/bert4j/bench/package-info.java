/**
 * Benchmarks of bert4j beside ONNX Runtime, on one random BERT-base whose weights both have; see RESULTS.md.
 *
 * <p>{@link dev.bert4j.bench.ParityCheck} comes first: what does not compute the same is not compared.
 */
package dev.bert4j.bench;
