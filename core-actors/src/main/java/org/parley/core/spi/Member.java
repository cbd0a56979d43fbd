package org.parley.core.spi;

import org.parley.core.api.Profile;

/**
 * One recipient of an audience.
 *
 * @param position the line they came from, unique and growing within the audience
 */
public record Member(long position, String customerId, Profile profile) {}
