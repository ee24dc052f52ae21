/** Tasks: what people do with a model, text in and answers out. */
package dev.bert4j.pipeline;
