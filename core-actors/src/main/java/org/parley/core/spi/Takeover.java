package org.parley.core.spi;

import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;

/** Whether there is a node that takes over what a leaving one has. */
public final class Takeover {
  private Takeover() {}

  /** Whether another node of the cluster is up that may hold conversations. */
  public static boolean isPossible(ActorSystem<?> system) {
    Cluster cluster = Cluster.get(system);
    String role = system.settings().config().getString("pekko.cluster.sharding.role");
    for (Member member : cluster.state().getMembers()) {
      boolean other = !member.uniqueAddress().equals(cluster.selfMember().uniqueAddress());
      boolean may = role.isEmpty() || member.hasRole(role);
      if (other && may && member.status().equals(MemberStatus.up())) return true;
    }
    return false;
  }
}
