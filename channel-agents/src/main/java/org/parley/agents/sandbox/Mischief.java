package org.parley.agents.sandbox;

import java.time.Duration;

/**
 * What the sandbox does to those who send to it.
 *
 * @param delay how long the answer to the final dot waits
 * @param refuseShare the share of recipients that are refused, 0 to 1
 * @param refuseCode with which code, 400 to 599
 * @param dropBeforeDotShare the share of messages whose DATA is answered by a dropped connection
 * @param dropAfterDotShare the share of messages that are taken and answered by a dropped
 *     connection
 * @param octetsPerSecond how fast its answers trickle, 1 to 1000; 0 for at once
 */
public record Mischief(
    Duration delay,
    double refuseShare,
    int refuseCode,
    double dropBeforeDotShare,
    double dropAfterDotShare,
    int octetsPerSecond) {

  /** No fault at all. */
  public static final Mischief NONE = new Mischief(Duration.ZERO, 0, 550, 0, 0);

  /** One whose answers come at once. */
  public Mischief(
      Duration delay,
      double refuseShare,
      int refuseCode,
      double dropBeforeDotShare,
      double dropAfterDotShare) {
    this(delay, refuseShare, refuseCode, dropBeforeDotShare, dropAfterDotShare, 0);
  }

  public Mischief {
    if (refuseCode < 400 || refuseCode > 599) {
      throw new IllegalArgumentException("refuseCode must be 400 to 599, not " + refuseCode);
    }
  }

  public Mischief withDelay(Duration newDelay) {
    return new Mischief(
        newDelay, refuseShare, refuseCode, dropBeforeDotShare, dropAfterDotShare, octetsPerSecond);
  }

  public Mischief withRefusals(double share, int code) {
    return new Mischief(delay, share, code, dropBeforeDotShare, dropAfterDotShare, octetsPerSecond);
  }

  public Mischief withDropsBeforeDot(double share) {
    return new Mischief(delay, refuseShare, refuseCode, share, dropAfterDotShare, octetsPerSecond);
  }

  public Mischief withDropsAfterDot(double share) {
    return new Mischief(delay, refuseShare, refuseCode, dropBeforeDotShare, share, octetsPerSecond);
  }
}
