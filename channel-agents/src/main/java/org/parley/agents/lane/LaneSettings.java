package org.parley.agents.lane;

import java.time.Duration;
import java.time.InstantSource;
import org.parley.agents.settings.Checked;

/**
 * How one lane behaves.
 *
 * @param carrier the carrier's name
 * @param priority lower goes first
 * @param connections how many attempts may be on the wire at a time
 * @param perSecond how many may start a second
 * @param queue how many may wait; beyond that the lane refuses
 * @param callTimeout after this an attempt on the wire is answered {@code UNKNOWN}
 * @param domains what each receiving domain is given
 * @param warmUp how many it may carry a day while it is new
 */
public record LaneSettings(
    String carrier,
    int priority,
    int connections,
    int perSecond,
    int queue,
    Duration callTimeout,
    BreakerSettings breaker,
    DomainSettings domains,
    WarmUp warmUp) {

  /** A lane that treats all receivers alike. */
  public LaneSettings(
      String carrier,
      int priority,
      int connections,
      int perSecond,
      int queue,
      Duration callTimeout,
      BreakerSettings breaker) {
    this(
        carrier,
        priority,
        connections,
        perSecond,
        queue,
        callTimeout,
        breaker,
        DomainSettings.NONE,
        WarmUp.NONE);
  }

  /**
   * When a lane stops asking a carrier that fails.
   *
   * @param countWindow whether the window is a number of calls, or a number of seconds
   * @param window the window's size, in calls or in seconds
   * @param minimumCalls how many calls must be in the window before it opens
   * @param errorPercent from this share of errors on it opens
   * @param open how long it stays open
   * @param probes how many calls try the carrier then
   */
  public record BreakerSettings(
      boolean countWindow,
      int window,
      int minimumCalls,
      int errorPercent,
      Duration open,
      int probes) {

    static BreakerSettings read(Checked config) {
      return new BreakerSettings(
          config.oneOf("window-type", java.util.List.of("count", "time")).equals("count"),
          config.number("window", 1, 100_000),
          config.number("minimum-calls", 1, 100_000),
          config.number("error-percent", 1, 100),
          config.time("open", Duration.ofMillis(10), Duration.ofHours(1)),
          config.number("probes", 1, 1000));
    }
  }

  /**
   * Reads a carrier's part of the configuration, its defaults already below it.
   *
   * @param clock by which the days of a warm-up begin
   */
  public static LaneSettings read(String carrier, Checked config, InstantSource clock) {
    return new LaneSettings(
        carrier,
        config.number("priority", 0, 1000),
        atATime(config),
        config.number("per-second", 1, 1_000_000),
        config.number("queue", 1, 1_000_000),
        config.time("call-timeout", Duration.ofMillis(100), Duration.ofMinutes(30)),
        BreakerSettings.read(config.part("breaker")),
        DomainSettings.read(config),
        WarmUp.read(carrier, config, clock));
  }

  /** A connection carries one attempt at a time; a session as many as its window has room for. */
  private static int atATime(Checked config) {
    return config.config().hasPath("window")
        ? config.number("sessions", 1, 64) * config.number("window", 1, 1000)
        : config.number("connections", 1, 1000);
  }
}
