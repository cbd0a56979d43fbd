package org.parley.faults;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * What a fault finds when it happens: a cluster in the middle of a campaign.
 *
 * @param random draws what the fault leaves open, from the run's seed
 * @param mail the carrier of the campaign
 * @param sms another channel's
 */
record Scene(Cluster cluster, Random random, Carrier mail, Carrier sms, Run run) {

  /** One of the nodes, drawn. */
  Member anyone() {
    List<Member> alive = cluster.alive();
    return alive.get(random.nextInt(alive.size()));
  }

  /** The others. */
  List<Member> allBut(Member one) {
    return cluster.members().stream().filter(member -> member != one).toList();
  }

  /** The fault lasts for a while. */
  static void pause(Duration span) {
    long end = System.nanoTime() + span.toNanos();
    for (long left = span.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
