package org.parley.core.spi;

/** A promise: what is written in this form stays readable for ever. */
public interface JournalRecord {}
