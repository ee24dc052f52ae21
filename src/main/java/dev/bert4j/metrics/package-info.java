/** What a service wants to know of a model and of the queue before it: snapshots of counters and durations. */
package dev.bert4j.metrics;
