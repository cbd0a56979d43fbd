package org.parley.core.api;

import java.time.Instant;

/**
 * A person has the conversation: campaigns hold until it is released.
 *
 * @param reason for people, at most 200 characters
 */
public record Handoff(String reason, Instant since) {}
