package org.parley.persistence.journal;

import java.util.Optional;

/** One event as it stands in the journal, without the columns that only readers need. */
record JournalRow(
    String persistenceId,
    long sequenceNumber,
    String writer,
    long timestampMillis,
    String adapterManifest,
    Body event,
    Optional<Body> meta) {

  /** Bytes, and who can read them. Whoever holds one leaves the bytes as they are. */
  static final class Body {
    private final int serializerId;
    private final String manifest;
    private final byte[] bytes;

    Body(int serializerId, String manifest, byte[] bytes) {
      this.serializerId = serializerId;
      this.manifest = manifest;
      this.bytes = bytes;
    }

    int serializerId() {
      return serializerId;
    }

    String manifest() {
      return manifest;
    }

    byte[] bytes() {
      return bytes;
    }
  }
}
