/** What a user imports. */
package dev.bert4j;
