/**
 * Events of the JDK's Flight Recorder. They tell numbers and names, never texts.
 *
 * <p>The library runs without the module jdk.jfr: {@link dev.bert4j.events.Recorder} alone is asked before anything
 * else of this package is touched, and while nobody has recorded yet, it says no.
 */
package dev.bert4j.events;
