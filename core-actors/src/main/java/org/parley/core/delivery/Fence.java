package org.parley.core.delivery;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.ClusterEvent.MemberDowned;
import org.apache.pekko.cluster.ClusterEvent.MemberEvent;
import org.apache.pekko.cluster.ClusterEvent.MemberJoined;
import org.apache.pekko.cluster.ClusterEvent.MemberRemoved;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.SelfRemoved;
import org.apache.pekko.cluster.typed.Subscribe;

/**
 * Stops the grants of lives that have ended. A life is one run of a node, and its epoch is a number
 * from the database that no other life has. Once the cluster has downed or removed a node, its
 * conversations live elsewhere, so what it had granted must not start any more: on this node
 * nothing when it is this one, and on an agent that it had borrowed nothing of its epoch.
 *
 * <p>It comes on top of the grants' expiry and of the journal, which takes no grant from a node
 * whose conversation has written elsewhere; it need not be heard in time for either to hold.
 * Thread-safe.
 */
public final class Fence {
  /** So many ended lives are remembered; their grants have long expired before that many end. */
  static final int REMEMBERED = 1_000;

  private final long own;
  // Both guarded by this.
  private final Map<Address, Long> lives = new HashMap<>();
  private final Set<Address> gone = new LinkedHashSet<>();
  private volatile boolean out;
  private volatile Set<Long> ended = Set.of();

  /**
   * @param own this life's epoch
   */
  public Fence(long own) {
    this.own = own;
  }

  /** Whether nothing of this epoch may start here. */
  boolean stops(long epoch) {
    if (out) return true;
    return epoch != own && ended.contains(epoch);
  }

  /** An attempt has come from a node: that is the epoch of its life. */
  synchronized void cameFrom(Address node, long epoch) {
    if (epoch == 0) return;
    Long known = lives.get(node);
    if (gone.contains(node) || (known != null && epoch < known)) {
      end(epoch);
    } else if (known == null || epoch > known) {
      lives.put(node, epoch);
      // A node that was started again at its old address.
      if (known != null) end(known);
    }
  }

  synchronized void joined(Address node) {
    gone.remove(node);
  }

  synchronized void left(Address node) {
    Long epoch = lives.remove(node);
    if (epoch != null) end(epoch);
    gone.add(node);
    forgetOldest(gone);
  }

  /** This node is no member any more. */
  void leftOurselves() {
    out = true;
  }

  private void end(long epoch) {
    if (ended.contains(epoch)) return;
    Set<Long> more = new LinkedHashSet<>(ended);
    more.add(epoch);
    forgetOldest(more);
    ended = more;
  }

  private static <T> void forgetOldest(Set<T> all) {
    if (all.size() > REMEMBERED) all.remove(all.iterator().next());
  }

  /** The actor that tells it what becomes of the cluster's members. */
  public Behavior<Object> watch() {
    return Behaviors.setup(
        context -> {
          Cluster cluster = Cluster.get(context.getSystem());
          UniqueAddress self = cluster.selfMember().uniqueAddress();
          cluster
              .subscriptions()
              .tell(Subscribe.create(context.getSelf().narrow(), MemberEvent.class));
          cluster
              .subscriptions()
              .tell(Subscribe.create(context.getSelf().narrow(), SelfRemoved.class));
          return Behaviors.receive(Object.class)
              .onMessage(
                  SelfRemoved.class,
                  removed -> {
                    leftOurselves();
                    return Behaviors.same();
                  })
              .onMessage(
                  MemberEvent.class,
                  event -> {
                    heard(event, self);
                    return Behaviors.same();
                  })
              .build();
        });
  }

  private void heard(MemberEvent event, UniqueAddress self) {
    boolean over = event instanceof MemberDowned || event instanceof MemberRemoved;
    UniqueAddress node = event.member().uniqueAddress();
    if (node.equals(self)) {
      if (over) leftOurselves();
    } else if (over) {
      left(node.address());
    } else if (event instanceof MemberJoined) {
      joined(node.address());
    }
  }
}
