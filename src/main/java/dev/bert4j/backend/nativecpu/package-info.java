/** The C kernels of {@code native/cpu}, by downcalls; the operations around them are those of the vector backend. */
package dev.bert4j.backend.nativecpu;
