package org.parley.core.engine;

import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;

/** The nodes whose roles let them hold conversations; others only ask them. */
final class Holders {
  private Holders() {}

  /** Whether this node is one. */
  static boolean isOne(ActorSystem<?> system) {
    return may(system, Cluster.get(system).selfMember());
  }

  /** The others that are up. */
  static List<Member> others(ActorSystem<?> system) {
    Cluster cluster = Cluster.get(system);
    List<Member> others = new ArrayList<>();
    for (Member member : cluster.state().getMembers()) {
      boolean other = !member.uniqueAddress().equals(cluster.selfMember().uniqueAddress());
      boolean up = member.status().equals(MemberStatus.up());
      if (other && up && may(system, member)) others.add(member);
    }
    return others;
  }

  private static boolean may(ActorSystem<?> system, Member member) {
    String role = system.settings().config().getString("pekko.cluster.sharding.role");
    return role.isEmpty() || member.hasRole(role);
  }
}
