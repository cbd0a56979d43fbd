package org.parley.core.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Profile;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;

/**
 * A granted attempt on its way to a carrier. The grant is durable before this exists.
 *
 * @param number which try this is, from 1
 * @param address where to reach the customer; personal, never logged
 * @param unsubscribeToken proves to {@code POST /v1/unsubscribe/{token}} who wants to leave; absent
 *     for transactional messages
 * @param until nothing starts on the wire after this, by the clock of the node that performs it
 * @param epoch the life of the node that granted it, see {@link EpochStore}; 0 when it is not known
 * @param deadlineNanos the same end as {@code until}, on {@code System.nanoTime} of the JVM that
 *     performs it, which no step of a clock moves; it means nothing to another JVM
 */
public record Attempt(
    AttemptId id,
    CustomerKey customer,
    StepKey key,
    int number,
    Channel channel,
    Category category,
    String address,
    Profile profile,
    Template template,
    Optional<String> unsubscribeToken,
    Instant grantedAt,
    Instant until,
    long epoch,
    long deadlineNanos) {

  /** An attempt that is granted now, and to be performed in this JVM. */
  public Attempt(
      AttemptId id,
      CustomerKey customer,
      StepKey key,
      int number,
      Channel channel,
      Category category,
      String address,
      Profile profile,
      Template template,
      Optional<String> unsubscribeToken,
      Instant grantedAt,
      Instant until) {
    this(
        id,
        customer,
        key,
        number,
        channel,
        category,
        address,
        profile,
        template,
        unsubscribeToken,
        grantedAt,
        until,
        0,
        System.nanoTime() + Duration.between(grantedAt, until).toNanos());
  }

  /** How long after its grant it may start on the wire. */
  public Duration life() {
    return Duration.between(grantedAt, until);
  }

  /**
   * Whether its grant has ended, so that it must not start on the wire any more. Either clock ends
   * it: the monotonic one when the other was set back, the other when the machine was suspended and
   * the monotonic one stood still.
   *
   * @param nowNanos {@code System.nanoTime} of this JVM
   * @param nowMillis the time of this node, in milliseconds since 1970
   */
  public boolean isExpired(long nowNanos, long nowMillis) {
    return nowNanos - deadlineNanos > 0 || nowMillis > until.toEpochMilli();
  }

  /** The same attempt for another node, by that node's clocks. */
  public Attempt ending(Instant newUntil, long newDeadlineNanos) {
    return new Attempt(
        id,
        customer,
        key,
        number,
        channel,
        category,
        address,
        profile,
        template,
        unsubscribeToken,
        grantedAt,
        newUntil,
        epoch,
        newDeadlineNanos);
  }
}
