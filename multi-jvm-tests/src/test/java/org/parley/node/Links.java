package org.parley.node;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.remote.RARP;
import scala.jdk.javaapi.FutureConverters;

/**
 * The links of a node to the others, which Artery can cut without a word to either side when {@code
 * pekko.remote.artery.advanced.test-mode} is on. Unlike a firewall, it takes no rights.
 */
// The orders have their names from the transport before Artery, which is deprecated.
@SuppressWarnings("deprecation")
final class Links {
  private Links() {}

  /**
   * Loses everything from now on.
   *
   * @param direction {@code in} for what comes, {@code out} for what goes, {@code both}
   */
  static void cut(ActorSystem<?> system, Address other, String direction) {
    set(
        system,
        other,
        direction,
        org.apache.pekko.remote.transport.ThrottlerTransportAdapter.Blackhole$.MODULE$);
  }

  /** Loses nothing from now on. */
  static void mend(ActorSystem<?> system, Address other) {
    set(
        system,
        other,
        "both",
        org.apache.pekko.remote.transport.ThrottlerTransportAdapter.Unthrottled$.MODULE$);
  }

  private static org.apache.pekko.remote.transport.ThrottlerTransportAdapter.Direction direction(
      String name) {
    return switch (name) {
      case "in" ->
          org.apache.pekko.remote.transport.ThrottlerTransportAdapter$Direction$Receive$.MODULE$;
      case "out" ->
          org.apache.pekko.remote.transport.ThrottlerTransportAdapter$Direction$Send$.MODULE$;
      case "both" ->
          org.apache.pekko.remote.transport.ThrottlerTransportAdapter$Direction$Both$.MODULE$;
      default -> throw new IllegalArgumentException("no such direction: " + name);
    };
  }

  private static void set(
      ActorSystem<?> system,
      Address other,
      String direction,
      org.apache.pekko.remote.transport.ThrottlerTransportAdapter.ThrottleMode mode) {
    var order =
        new org.apache.pekko.remote.transport.ThrottlerTransportAdapter.SetThrottle(
            other, direction(direction), mode);
    RARP remoting = (RARP) RARP.get(system);
    try {
      Object unused =
          FutureConverters.asJava(remoting.provider().transport().managementCommand(order))
              .toCompletableFuture()
              .get(10, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the link cannot be changed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
