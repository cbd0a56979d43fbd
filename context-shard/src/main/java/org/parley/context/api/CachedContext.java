package org.parley.context.api;

import java.time.Duration;
import org.parley.core.api.CustomerContext;

/**
 * A customer's context and how far it may lag behind.
 *
 * @param age since the conversation was asked; never too small, because it counts from the question
 *     and not from the answer
 * @param cached whether it was answered without asking the conversation for this call
 */
public record CachedContext(CustomerContext context, Duration age, boolean cached) {}
