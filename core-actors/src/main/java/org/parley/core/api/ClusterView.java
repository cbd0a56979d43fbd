package org.parley.core.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The cluster as one node sees it.
 *
 * @param self the address of the node that answers
 * @param leader the node that moves members up and out; absent while the members do not agree
 * @param members the oldest first
 */
public record ClusterView(
    String self, Optional<String> leader, SplitBrain splitBrain, List<Member> members) {
  public ClusterView {
    members = List.copyOf(members);
  }

  /**
   * A node. What only the node itself can tell is absent when it has not answered within a few
   * seconds.
   *
   * @param address where other nodes reach it, such as {@code pekko://parley@10.0.0.1:7355}
   * @param status {@code joining}, {@code weaklyUp}, {@code up}, {@code preparingForShutdown},
   *     {@code readyForShutdown}, {@code leaving}, {@code exiting}, {@code down} or {@code removed}
   * @param reachable whether the cluster reaches it
   * @param unreachableFrom the nodes that watch it, have answered, and do not reach it
   * @param version the version it runs
   * @param startedAt when its process's part in the cluster began
   * @param shards how many shards of conversations it has
   * @param conversations how many of them it holds in memory
   */
  public record Member(
      String address,
      List<String> roles,
      String status,
      boolean reachable,
      List<String> unreachableFrom,
      String version,
      Optional<Instant> startedAt,
      Optional<Integer> shards,
      Optional<Integer> conversations) {
    public Member {
      roles = List.copyOf(roles);
      unreachableFrom = List.copyOf(unreachableFrom);
    }
  }

  /**
   * Who decides which part goes on when the cluster falls apart.
   *
   * @param strategy the strategy's name, such as {@code keep-majority}
   * @param lease what the deciding part must hold; absent when the strategy needs none, when nobody
   *     holds it, and when it cannot be read now
   */
  public record SplitBrain(String strategy, Optional<Lease> lease) {}

  /**
   * The right to decide.
   *
   * @param epoch grows with every change of the owner
   */
  public record Lease(String owner, long epoch, Instant heldUntil) {}
}
