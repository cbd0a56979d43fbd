package org.parley.faults;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.parley.faults.Checker.Finding;

/** What the heaps of all nodes hold after a collection. */
final class Heaps {
  /** A live one with what this run makes it remember, and what is waited for in its name. */
  private static final long CONVERSATION_BYTES = 6 << 10;

  /**
   * What a heap held.
   *
   * @param bytes after a full collection
   * @param conversations that were live then; their number has a bound of its own
   */
  record Sample(String node, long bytes, long conversations) {}

  private Heaps() {}

  /** Looks at all nodes. On a busy machine each stands still for up to a second, so seldom. */
  static List<Sample> of(Cluster cluster) throws IOException {
    List<Sample> samples = new ArrayList<>();
    for (Member member : cluster.alive()) samples.add(member.heap());
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
}
