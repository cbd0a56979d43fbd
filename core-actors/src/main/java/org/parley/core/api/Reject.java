package org.parley.core.api;

/** A row that was not imported: its line in the file, counted from 1, and why, for a person. */
public record Reject(long line, String reason) {}
