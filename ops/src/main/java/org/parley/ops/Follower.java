package org.parley.ops;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Watches a campaign until nothing more happens to it, and shows how far it is meanwhile. */
final class Follower {
  private static final int MAX_FAILURES = 10;

  private final NodeClient node;
  private final Shell shell;
  private final Duration every;
  private final Duration idleLimit;

  /**
   * @param every how often to look
   * @param idleLimit how long nothing may change before the watch ends; those who are held for a
   *     time never change
   */
  Follower(NodeClient node, Shell shell, Duration every, Duration idleLimit) {
    this.node = node;
    this.shell = shell;
    this.every = every;
    this.idleLimit = idleLimit;
  }

  /**
   * Where the campaign was left.
   *
   * @param settledAt when everybody was first seen settled, or when the watch ended
   */
  record Seen(Progress progress, Instant settledAt) {
    boolean isComplete() {
      return progress.isSettled() && progress.addsUp();
    }
  }

  /** Follows until the status is final or nothing has changed for the idle limit. */
  Seen follow(String campaignId) {
    return follow(campaignId, Progress::isFinal);
  }

  /** Follows until everybody is settled, or as {@link #follow(String)}. */
  Seen followUntilSettled(String campaignId) {
    return follow(campaignId, progress -> progress.isFinal() || progress.isSettled());
  }

  /**
   * The same, with somebody who looks on; the campaign goes on while they do.
   *
   * @param onLook told how far it is after every look
   */
  Seen followUntilSettled(String campaignId, Consumer<Progress> onLook) {
    return follow(
        campaignId,
        progress -> {
          onLook.accept(progress);
          return progress.isFinal() || progress.isSettled();
        });
  }

  /** Follows until something holds of what was seen, or as {@link #follow(String)}. */
  Seen follow(String campaignId, Predicate<Progress> end) {
    try (Meter meter = Meter.start(shell, "campaign", "recipients", 0)) {
      return follow(campaignId, end, meter);
    }
  }

  private Seen follow(String campaignId, Predicate<Progress> end, Meter meter) {
    Progress progress = look(campaignId);
    Instant changedAt = Instant.now();
    Instant settledAt = Instant.MAX;
    while (true) {
      if (progress.accepted() > 0) {
        meter.max(progress.accepted());
        meter.at(progress.settled());
      }
      Instant now = Instant.now();
      if (progress.isSettled() && settledAt.equals(Instant.MAX)) settledAt = now;
      boolean idle = Duration.between(changedAt, now).compareTo(idleLimit) > 0;
      if (end.test(progress) || idle) {
        return new Seen(progress, settledAt.equals(Instant.MAX) ? now : settledAt);
      }
      pause(every);
      Progress next = look(campaignId);
      if (!next.equals(progress)) changedAt = Instant.now();
      progress = next;
    }
  }

  private Progress look(String campaignId) {
    for (int failures = 1; ; failures++) {
      try {
        return Progress.of(node.get("/v1/campaigns/" + campaignId + "/progress"));
      } catch (CommandFailure e) {
        if (e.status() == CommandFailure.REFUSED || failures == MAX_FAILURES) throw e;
        pause(Duration.ofSeconds(1));
      }
    }
  }

  static void pause(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandFailure.failed("interrupted");
    }
  }
}
