/** bert4j's models as those of LangChain4j: embeddings, and scores for re-ranking. */
package dev.bert4j.langchain4j;
