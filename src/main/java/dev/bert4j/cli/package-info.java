/** The command {@code bert}. */
package dev.bert4j.cli;
