package org.parley.core.api;

/** A single message to one customer, under the same rules as a campaign's. */
public record MessageRequest(Channel channel, Category category, Template template) {}
