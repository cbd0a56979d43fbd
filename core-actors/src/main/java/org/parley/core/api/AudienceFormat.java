package org.parley.core.api;

/** The forms in which an audience may come in. */
public enum AudienceFormat {
  /** RFC 4180 with a header row. */
  CSV,
  /** One JSON object a line. */
  NDJSON
}
