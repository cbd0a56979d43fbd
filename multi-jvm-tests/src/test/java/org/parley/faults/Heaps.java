package org.parley.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.parley.faults.Checker.Finding;

/** What the heaps of all nodes hold after a collection, every few seconds until this is closed. */
final class Heaps implements AutoCloseable {
  /**
   * A collection stands a node still, for 100 to 200 ms. Those of two nodes must meet far fewer
   * than one text message in 20, whose 95th percentile is judged.
   */
  private static final Duration PERIOD = Duration.ofSeconds(10);

  /** A live one with what this run makes it remember, and what is waited for in its name. */
  private static final long CONVERSATION_BYTES = 6 << 10;

  /**
   * What a heap held.
   *
   * @param bytes after a full collection
   * @param conversations that were live then; their number has a bound of its own
   */
  record Sample(String node, long bytes, long conversations) {}

  private final Cluster cluster;
  private final List<Sample> samples = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

  Heaps(Cluster cluster) {
    this.cluster = cluster;
  }

  /** Takes samples from now on. */
  void measure() {
    long every = PERIOD.toMillis();
    var unused = clock.scheduleWithFixedDelay(this::sample, 0, every, TimeUnit.MILLISECONDS);
  }

  /** Takes the first sample that counts. */
  synchronized void countFromNow() {
    samples.clear();
    sample();
  }

  private synchronized void sample() {
    try {
      for (Member member : cluster.alive()) {
        samples.add(member.heap());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** In the order in which they were taken. */
  List<Sample> samples() {
    return samples;
  }

  /**
   * I7: memory is flat but for live conversations. Pure.
   *
   * @param samples in the order in which they were taken
   * @param room by how many bytes a heap may be above its first sample
   */
  static List<Finding> flat(List<Sample> samples, long room) {
    Map<String, Sample> first = new HashMap<>();
    Map<String, Long> grown = new HashMap<>();
    for (Sample sample : samples) {
      Sample before = first.putIfAbsent(sample.node(), sample);
      if (before != null) grown.merge(sample.node(), growth(before, sample), Math::max);
    }
    List<Finding> found = new ArrayList<>();
    for (String node : first.keySet()) {
      Long bytes = grown.get(node);
      if (bytes == null) {
        found.add(new Finding("I7", "the heap of " + node + " was looked at once only"));
      } else if (bytes > room) {
        found.add(new Finding("I7", "the heap of " + node + " grew by " + bytes / 1024 + " KB"));
      }
    }
    return found;
  }

  private static long growth(Sample before, Sample now) {
    long more = Math.max(0, now.conversations() - before.conversations());
    return now.bytes() - before.bytes() - more * CONVERSATION_BYTES;
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
