/** What a service needs around a model: calls of many threads that run together. */
package dev.bert4j.service;
