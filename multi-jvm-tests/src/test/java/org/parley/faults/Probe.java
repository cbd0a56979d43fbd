package org.parley.faults;

import static java.util.Comparator.comparing;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.LongStream;

/**
 * A client that asks conversations all the time, over all nodes in turn, as a load balancer would:
 * a node that refuses is passed over. It remembers when each conversation answered.
 */
final class Probe implements AutoCloseable {
  private static final Duration PERIOD = Pace.of(Duration.ofMillis(250));
  private static final int MOST_OPEN = 6;
  private static final int NOTED = 5;
  private static final Duration PATIENCE = Pace.seconds(30);

  /** Longer than a node takes to refuse. One that stands still takes for ever, and is given up. */
  private static final Duration ANSWER = Pace.seconds(6);

  /** An answer to a question: when it was asked, and when answered. */
  private record Answer(long askedAt, long answeredAt) {}

  private final Cluster cluster;
  private final String name;
  private final List<List<Answer>> answers = new ArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Pace.seconds(1))
          .build();
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final AtomicIntegerArray open;
  private long endedAt;
  private int next;

  private Probe(Cluster cluster, String name, int conversations) {
    this.cluster = cluster;
    this.name = name;
    this.open = new AtomicIntegerArray(conversations);
    for (int i = 0; i < conversations; i++) answers.add(new ArrayList<>());
  }

  /**
   * Makes the customers, and starts asking their conversations four times a second each.
   *
   * @param name a word of its own, for the customers' ids
   */
  static Probe start(Cluster cluster, String name, int conversations) {
    Probe probe = new Probe(cluster, name, conversations);
    for (int i = 0; i < conversations; i++) {
      String path = "/v1/customers/" + probe.id(i);
      Awaited.await(
          "a customer that is made",
          PATIENCE,
          () -> cluster.client().put(path, "{}").status() == 200);
    }
    long every = PERIOD.toNanos() / conversations;
    var unused = probe.clock.scheduleAtFixedRate(probe::ask, 0, every, TimeUnit.NANOSECONDS);
    return probe;
  }

  private String id(int conversation) {
    return name + "-probe" + conversation;
  }

  private void ask() {
    int turn = next++;
    int conversation = turn % answers.size();
    // A node that hangs would otherwise collect connections without end.
    if (open.get(conversation) >= MOST_OPEN) return;
    open.incrementAndGet(conversation);
    ask(conversation, System.nanoTime(), turn, cluster.members().size());
  }

  private void ask(int conversation, long askedAt, int turn, int chances) {
    List<Member> nodes = cluster.alive();
    if (nodes.isEmpty() || chances == 0) {
      open.decrementAndGet(conversation);
      return;
    }
    // Each round begins with another node, so that no conversation is only asked through one.
    Member node = nodes.get((turn + turn / answers.size()) % nodes.size());
    var unused =
        node.client()
            .ask(http, "/v1/customers/" + id(conversation), ANSWER)
            .whenComplete(
                (status, failure) -> {
                  if (status != null && status == 200) answered(conversation, askedAt);
                  else ask(conversation, askedAt, turn + 1, chances - 1);
                });
  }

  private void answered(int conversation, long askedAt) {
    open.decrementAndGet(conversation);
    List<Answer> known = answers.get(conversation);
    synchronized (known) {
      known.add(new Answer(askedAt, System.nanoTime()));
    }
  }

  /**
   * How long after a moment conversations answered again: the time below which this share of them
   * did. One that never did took until the end.
   */
  Duration answeredAgain(long moment, double share) {
    long[] nanos =
        answers.stream().mapToLong(known -> firstAfter(known, moment) - moment).sorted().toArray();
    return Duration.ofNanos(nanos[(int) Math.ceil(share * nanos.length) - 1]);
  }

  private long firstAfter(List<Answer> known, long moment) {
    synchronized (known) {
      return known.stream()
          .filter(answer -> answer.askedAt() >= moment)
          .mapToLong(Answer::answeredAt)
          .min()
          .orElse(end());
    }
  }

  /**
   * The longest time since a moment in which a conversation did not answer; the first are noted.
   */
  Duration longestGap(long since) {
    List<Gap> longest =
        answers.stream()
            .map(known -> longestGap(known, since))
            .sorted(comparing(Gap::nanos).reversed())
            .toList();
    long now = System.nanoTime();
    for (Gap gap : longest.subList(0, Math.min(NOTED, longest.size()))) {
      Trial.note(
          "a silence of %d ms, %.1f s ago"
              .formatted(gap.nanos() / 1_000_000, (now - gap.since()) / 1e9));
    }
    return Duration.ofNanos(longest.get(0).nanos());
  }

  private record Gap(long since, long nanos) {}

  private Gap longestGap(List<Answer> known, long since) {
    long[] moments;
    synchronized (known) {
      moments = known.stream().mapToLong(Answer::answeredAt).filter(at -> at > since).toArray();
    }
    Arrays.sort(moments);
    Gap longest = new Gap(since, 0);
    long before = since;
    for (long moment : LongStream.concat(LongStream.of(moments), LongStream.of(end())).toArray()) {
      if (moment - before > longest.nanos()) longest = new Gap(before, moment - before);
      before = moment;
    }
    return longest;
  }

  private long end() {
    return endedAt == 0 ? System.nanoTime() : endedAt;
  }

  /** How many answers there were. */
  int count() {
    return Arrays.stream(answers.toArray(new List<?>[0])).mapToInt(List::size).sum();
  }

  /** Asks no more. */
  void stop() {
    if (endedAt == 0) endedAt = System.nanoTime();
    clock.shutdownNow();
  }

  @Override
  public void close() {
    stop();
  }
}
