/**
 * Benchmarks of bert4j beside other libraries, on models whose weights all of them have; see RESULTS.md.
 *
 * <p>What does not compute the same is not compared. {@link dev.bert4j.bench.Compare} is where to begin.
 */
package dev.bert4j.bench;
