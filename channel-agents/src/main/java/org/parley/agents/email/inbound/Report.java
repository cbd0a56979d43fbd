package org.parley.agents.email.inbound;

import java.util.List;
import java.util.Optional;
import org.parley.core.api.AttemptId;

/**
 * What a report says: a delivery status (RFC 3464), a complaint (RFC 5965) or a note that a mail
 * was shown (RFC 8098).
 *
 * @param recipients of a delivery status, in their order
 * @param feedback the type of a complaint, such as abuse
 * @param complained the address of who complains, when it is told
 * @param attempt that the returned mail names
 * @param returned addresses that stand in the returned mail's own headers; our tokens are in them
 */
record Report(
    Kind kind,
    List<Recipient> recipients,
    Optional<String> feedback,
    Optional<String> complained,
    Optional<AttemptId> attempt,
    List<String> returned) {
  /** What is reported. */
  enum Kind {
    DELIVERY,
    COMPLAINT,
    DISPOSITION
  }

  /**
   * What became of one recipient.
   *
   * @param action failed, delayed, delivered, relayed, expanded, in lower case
   * @param status the enhanced status code, the most telling one that was found
   */
  record Recipient(String action, Optional<String> status, Optional<String> address) {}
}
