package org.parley.agents.budget;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.Channel;

/**
 * Nodes that send through one carrier, and who lends them its rate, on a clock that the test turns.
 * What they tell each other may be late, lost or cut off.
 */
final class Nodes {
  static final Duration LEASE = Duration.ofMillis(200);
  static final Duration PATIENCE = Duration.ofSeconds(1);
  static final Duration MARGIN = Duration.ofSeconds(2);
  static final long MILLI = 1_000_000L;
  private static final int TICK = 100;

  private record Letter(long atNanos, long order, Runnable task) {}

  private final Map<String, Node> nodes = new HashMap<>();
  private final Map<String, Senders.Member> members = new HashMap<>();
  private final PriorityQueue<Letter> post =
      new PriorityQueue<>(
          (a, b) ->
              a.atNanos() == b.atNanos()
                  ? Long.compare(a.order(), b.order())
                  : Long.compare(a.atNanos(), b.atNanos()));
  private final Set<String> cuts = new HashSet<>();
  private final List<Long> sent = new ArrayList<>();
  private final Random random;
  private final int slowest;
  private long now = 5_000 * MILLI;
  private long letters;
  private @Nullable Node lender;
  private @Nullable LeaseBook book;
  private int questions;

  /** One node, which sends as much as it may. */
  final class Node {
    private final String name;
    private final Senders senders;
    private final LeasedBudget budget;
    private final Map<String, Senders.Member> seen = new HashMap<>();
    private final int beat = random.nextInt(TICK);
    private boolean dead;
    private int most = Integer.MAX_VALUE;
    private int count;

    private Node(String name, int perSecond) {
      this.name = name;
      this.senders = new Senders(name, MARGIN);
      this.budget =
          new LeasedBudget(
              perSecond,
              LEASE,
              PATIENCE,
              () -> now,
              () -> senders.share(Channel.EMAIL),
              (number, heard, wanted) -> {
                questions++;
                LeaseBook.Question question =
                    new LeaseBook.Question(name, number, heard, wanted, perSecond);
                Node to = lender;
                if (to != null) post(this, to, () -> answer(question, to, this));
              });
    }

    /** Sends no more than so many a millisecond from now on. */
    Node sends(int mostPerMilli) {
      most = mostPerMilli;
      return this;
    }

    /** Learns of a member. */
    void sees(String name, boolean up) {
      seen.put(name, new Senders.Member(Set.of(), up, false));
      senders.look(seen, now);
    }

    /** Puts a member out. */
    void putsOut(String name) {
      seen.remove(name);
    }

    int count() {
      return count;
    }

    double ownPerSecond() {
      return budget.ownPerSecond(now);
    }

    boolean isLost() {
      return budget.isLost(now);
    }

    void dies() {
      dead = true;
    }

    @Override
    public String toString() {
      return name;
    }

    private void turn() {
      if (dead) return;
      if ((now / MILLI) % TICK == beat) {
        senders.look(seen, now);
        budget.tick();
      }
      for (int i = 0; i < most && budget.tryTake(now); i++) {
        sent.add(now);
        count++;
      }
    }
  }

  /**
   * @param slowest milliseconds that a word between nodes takes at most
   */
  Nodes(long seed, int slowest) {
    this.random = new Random(seed);
    this.slowest = slowest;
  }

  /** A member that everybody knows at once. */
  Node add(String name, int perSecond) {
    Node node = new Node(name, perSecond);
    nodes.put(name, node);
    members.put(name, new Senders.Member(Set.of(), true, false));
    for (Node each : nodes.values()) {
      each.seen.putAll(members);
      each.senders.look(each.seen, now);
    }
    return node;
  }

  /** A node of which nobody knows yet. */
  Node stranger(String name, int perSecond) {
    Node node = new Node(name, perSecond);
    nodes.put(name, node);
    return node;
  }

  /** From now on this one lends, with a book of its own. */
  LeaseBook lends(Node node) {
    lender = node;
    LeaseBook fresh = new LeaseBook(LEASE, PATIENCE, now);
    book = fresh;
    return fresh;
  }

  /** Nobody lends. */
  void nobodyLends() {
    lender = null;
  }

  /** What one says does not reach the other. */
  void cut(Node from, Node to) {
    cuts.add(from.name + '>' + to.name);
  }

  void cutBoth(Node one, Node other) {
    cut(one, other);
    cut(other, one);
  }

  void mend() {
    cuts.clear();
  }

  void run(int millis) {
    for (int i = 0; i < millis; i++) {
      now += MILLI;
      while (!post.isEmpty() && post.peek().atNanos() <= now) post.remove().task().run();
      for (Node node : nodes.values()) node.turn();
    }
  }

  int questions() {
    return questions;
  }

  int sent() {
    return sent.size();
  }

  void forgetSent() {
    sent.clear();
  }

  /** The most that was sent in any stretch of so many milliseconds. */
  int most(int millis) {
    int most = 0;
    int from = 0;
    for (int to = 0; to < sent.size(); to++) {
      while (sent.get(to) - sent.get(from) >= millis * MILLI) from++;
      most = Math.max(most, to - from + 1);
    }
    return most;
  }

  private void answer(LeaseBook.Question question, Node at, Node asker) {
    LeaseBook here = book;
    if (here == null || at != lender) return;
    LeaseBook.Lease lease = here.lend(question, at.senders.of(Channel.EMAIL), now);
    Runnable task = () -> asker.budget.lent(question.number(), lease.tokens(), lease.againNanos());
    post(at, asker, task);
  }

  private void post(Node from, Node to, Runnable task) {
    if (cuts.contains(from.name + '>' + to.name)) return;
    long delay = from == to || slowest == 0 ? 0 : random.nextInt(slowest) * MILLI;
    if (delay == 0) {
      if (!to.dead) task.run();
      return;
    }
    post.add(
        new Letter(
            now + delay,
            letters++,
            () -> {
              if (!to.dead) task.run();
            }));
  }
}
