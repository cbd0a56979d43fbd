package org.parley.persistence.readside;

import java.time.Instant;
import org.parley.core.spi.JournalRecord;

/** One event as the journal holds it. */
record JournalEntry(
    Position position, String persistenceId, Instant writtenAt, JournalRecord event) {}
