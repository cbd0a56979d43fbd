package org.parley.persistence.lease;

/**
 * One process at one address.
 *
 * @param address {@code HOST:PORT} where other nodes reach it
 * @param uid tells it from an earlier one at this address
 */
public record NodeId(String address, long uid) {}
