package org.parley.persistence.readside;

import java.time.Instant;
import org.parley.core.spi.JournalRecord;

/**
 * One event as the journal holds it.
 *
 * @param after the place of the event that was read before it
 */
record JournalEntry(
    Position after,
    Position position,
    String persistenceId,
    Instant writtenAt,
    JournalRecord event) {}
