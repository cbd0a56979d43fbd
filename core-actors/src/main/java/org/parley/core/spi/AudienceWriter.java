package org.parley.core.spi;

import java.util.List;
import org.parley.core.api.ImportReport;
import org.parley.core.api.Reject;

/**
 * Writes one replacement of an audience's members, at the speed of COPY. Not thread-safe. Nothing
 * is seen by readers before {@link #commit}; {@link #close} without it leaves the audience as it
 * was.
 */
public interface AudienceWriter extends AutoCloseable {
  /** Adds a member; of several with one customer id the first stays and the others are rejected. */
  void add(Member member);

  /** Reports a row that is left out; at most 10,000 of them are kept, all are counted. */
  void reject(Reject reject);

  /** Makes the replacement the audience's members. */
  ImportReport commit(List<String> columns);

  @Override
  void close();
}
