/**
 * Tasks: what people do with a model, text in and answers out, with the results of the reference's pipelines.
 * {@link dev.bert4j.pipeline.Pipelines} opens them.
 */
package dev.bert4j.pipeline;
