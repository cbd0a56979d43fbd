package org.parley.core.api;

/** Milliseconds from a grant to the carrier's acceptance, over what was delivered. */
public record Latency(long count, double p50, double p95, double p99) {}
