package org.parley.core.spi;

/** A promise: adjacent releases of Parley understand each other's messages of this kind. */
public interface WireMessage {}
