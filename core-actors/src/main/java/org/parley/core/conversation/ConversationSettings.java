package org.parley.core.conversation;

import com.typesafe.config.Config;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;

/**
 * The numbers of {@code parley.conversation}; reference.conf says what each does.
 *
 * @param grantLife how long after its grant an attempt may start on the wire
 * @param doubtAfter how long after the grant's end its outcome may still come
 * @param callDoubtAfter the same for calls, which last longer than a message takes
 * @param clockTolerance how far the clocks of two nodes may be apart
 * @param retryBackoff waits between the tries of one touch; their number bounds the tries
 * @param maxDoubts how often a transactional message is tried again after a doubt
 * @param maxParked how many touches of one customer may wait for an earlier one
 * @param snapshotEvery events between snapshots; 0 is never
 */
public record ConversationSettings(
    Duration grantLife,
    Duration doubtAfter,
    Duration callDoubtAfter,
    Duration clockTolerance,
    List<Duration> retryBackoff,
    int maxDoubts,
    int maxParked,
    int snapshotEvery) {
  static final String NO_CARRIER = "noCarrier";

  private static final Set<String> GATE = Set.of("paused", "expired", "fenced");
  private static final Duration LONGEST_WITHOUT_CARRIER = Duration.ofMinutes(2);
  private static final Duration LONGEST_KNOWN_WITHOUT_CARRIER = Duration.ofHours(1);
  private static final Duration LONGEST_UNHEARD = Duration.ofSeconds(10);

  public static ConversationSettings from(Config config) {
    Config c = config.getConfig("parley.conversation");
    ConversationSettings settings =
        new ConversationSettings(
            c.getDuration("grant-life"),
            c.getDuration("doubt-after"),
            c.getDuration("call-doubt-after"),
            c.getDuration("clock-tolerance"),
            List.copyOf(c.getDurationList("retry-backoff")),
            c.getInt("max-doubts"),
            c.getInt("max-parked"),
            c.getInt("snapshot-every"));
    check("grant-life", settings.grantLife().compareTo(Duration.ofSeconds(1)) >= 0, "1 s or more");
    check("grant-life", settings.grantLife().toMinutes() <= 10, "10 minutes or less");
    check("doubt-after", settings.doubtAfter().toMinutes() <= 60, "60 minutes or less");
    check("call-doubt-after", settings.callDoubtAfter().toMinutes() <= 60, "60 minutes or less");
    check("clock-tolerance", settings.clockTolerance().toMinutes() <= 60, "60 minutes or less");
    check("max-doubts", settings.maxDoubts() >= 0, "0 or more");
    int live = c.getInt("max-live");
    check("max-live", live >= 1_000 && live <= 10_000_000, "1,000 to 10,000,000");
    check("max-parked", settings.maxParked() >= 1, "1 or more");
    check("snapshot-every", settings.snapshotEvery() >= 0, "0 or more");
    return settings;
  }

  /** How long after a grant's end its outcome may still come. */
  Duration doubtAfter(Channel channel) {
    return channel == Channel.PHONE ? callDoubtAfter : doubtAfter;
  }

  /**
   * How long an outcome may be without an acknowledgement before it is told again: several times
   * before its attempt is in doubt, and seldom enough for a database that is away.
   */
  public Duration outcomeAgainAfter() {
    Duration soon = doubtAfter.dividedBy(4);
    return soon.compareTo(LONGEST_UNHEARD) < 0 ? soon : LONGEST_UNHEARD;
  }

  /**
   * How long somebody is put off for whom no carrier can be asked: longer each time, to two
   * minutes.
   *
   * @param before how long it was the last time; zero for the first
   */
  Duration withoutCarrierAfter(Duration before) {
    return retryBackoff.stream()
        .filter(wait -> wait.compareTo(before) > 0 && wait.compareTo(LONGEST_WITHOUT_CARRIER) < 0)
        .findFirst()
        .orElse(LONGEST_WITHOUT_CARRIER);
  }

  /**
   * When to look again whether there is a carrier: after an hour at most, for an operator may bring
   * another one before the time that is known.
   */
  Instant withoutCarrier(Instant now, Duration before, Optional<Instant> shutUntil) {
    Instant hourly = now.plus(LONGEST_KNOWN_WITHOUT_CARRIER);
    return shutUntil
        .filter(now::isBefore)
        .map(until -> until.isBefore(hourly) ? until : hourly)
        .orElseGet(() -> now.plus(withoutCarrierAfter(before)));
  }

  private static void check(String key, boolean holds, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException("parley.conversation." + key + ": allowed is " + allowed);
    }
  }

  /** Whether an attempt was not sent and no carrier was asked for it. */
  static boolean askedNobody(Outcome outcome) {
    String reason = outcome.reason().orElse("");
    return outcome.kind() == Outcome.Kind.NOT_SENT
        && (GATE.contains(reason) || reason.equals(NO_CARRIER));
  }

  /**
   * When to try again what was not sent; never, when the tries are used up. What was stopped at the
   * gate comes back soon and uses none up: no carrier was asked, so there is none to recover. With
   * no carrier left the waits grow to two minutes and never end: an operator brings a carrier back,
   * and that is noticed soon.
   *
   * @param tries how many there were; of an outcome for which nobody was asked, how many of these
   */
  Optional<Instant> retryAt(Outcome outcome, int tries, Instant now) {
    String reason = outcome.reason().orElse("");
    if (GATE.contains(reason)) {
      return Optional.of(now.plusSeconds(1));
    }
    if (reason.equals(NO_CARRIER)) {
      int waits = Math.min(tries - 1, retryBackoff.size());
      Duration before = waits == 0 ? Duration.ZERO : retryBackoff.get(waits - 1);
      return Optional.of(now.plus(withoutCarrierAfter(before)));
    }
    return tries > retryBackoff.size()
        ? Optional.empty()
        : Optional.of(now.plus(retryBackoff.get(tries - 1)));
  }
}
