package org.parley.agents.budget;

import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.parley.core.api.Channel;

/**
 * The members of the cluster that may send through the carriers of each channel, reachable or not.
 * Who was put out still counts for a while, in which it may not know it yet.
 *
 * <p>No node counts fewer than there are: a member is up only after every other one knows of it, so
 * whoever is up is counted by all who are. {@link #look} is for one thread, the rest for any.
 */
final class Senders {
  /**
   * What is known of a member.
   *
   * @param isUp whether it is up, and neither on its way in nor out
   * @param leaves whether it ends in good order: once it is out, nothing is to be feared of it
   */
  record Member(Set<String> roles, boolean isUp, boolean leaves) {
    Member {
      roles = Set.copyOf(roles);
    }
  }

  private record Known(Member member, long seenAtNanos) {}

  /** Of one channel. */
  private record View(SortedSet<String> names, Share share) {
    static final View EMPTY = new View(Collections.emptySortedSet(), Share.NONE);
  }

  private final String self;
  private final long marginNanos;
  private final Map<String, Known> known = new HashMap<>();
  private volatile Map<Channel, View> views = Map.of();

  /**
   * @param self this node's name
   * @param margin how long a member that was put out still counts
   */
  Senders(String self, Duration margin) {
    this.self = self;
    this.marginNanos = margin.toNanos();
  }

  /**
   * Whether a node with such roles has agents of a channel. A node of an embedder's, with none of
   * Parley's roles, has agents of every one.
   */
  static boolean haveAgents(Collection<String> roles, Channel channel) {
    boolean chosen = roles.contains("conversation") || roles.contains("http");
    for (Channel any : Channel.values()) chosen |= roles.contains(role(any));
    return !chosen || roles.contains(role(channel));
  }

  private static String role(Channel channel) {
    return channel.label() + "-agent";
  }

  /** Takes in who the members are now, by name. */
  void look(Map<String, Member> members, long nowNanos) {
    members.forEach((name, member) -> known.put(name, new Known(member, nowNanos)));
    known
        .entrySet()
        .removeIf(each -> !members.containsKey(each.getKey()) && isOver(each.getValue(), nowNanos));
    Member own = members.get(self);
    boolean isUp = own != null && own.isUp();
    Map<Channel, View> next = new EnumMap<>(Channel.class);
    for (Channel channel : Channel.values()) {
      SortedSet<String> names = new TreeSet<>();
      known.forEach(
          (name, each) -> {
            if (haveAgents(each.member().roles(), channel)) names.add(name);
          });
      boolean sends = isUp && names.contains(self);
      Share share = sends ? new Share(names.headSet(self).size(), names.size()) : Share.NONE;
      next.put(channel, new View(Collections.unmodifiableSortedSet(names), share));
    }
    views = next;
  }

  private boolean isOver(Known gone, long nowNanos) {
    return gone.member().leaves() || nowNanos - gone.seenAtNanos() > marginNanos;
  }

  /** Their names. */
  SortedSet<String> of(Channel channel) {
    return views.getOrDefault(channel, View.EMPTY).names();
  }

  /** This node's place among them; none while it is not up. */
  Share share(Channel channel) {
    return views.getOrDefault(channel, View.EMPTY).share();
  }
}
