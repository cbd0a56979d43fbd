package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a cluster keeps in memory of the customers it knows: they come to life one after another,
 * and it is looked in between how many conversations live and what the nodes' heaps hold.
 */
final class KnownCustomers {
  private static final int LOOKS = 4;

  private final List<Look> looks = new ArrayList<>();
  private final double importedPerSecond;

  /**
   * How it was when so many had been asked for.
   *
   * @param live conversations that live, node by node
   * @param heapBytes what the nodes' heaps hold after a collection, node by node
   */
  private record Look(long asked, double perSecond, List<Long> live, List<Long> heapBytes) {}

  private KnownCustomers(double importedPerSecond) {
    this.importedPerSecond = importedPerSecond;
  }

  /** Imports so many customers and asks for each of them once. */
  static KnownCustomers wake(Shell shell, GrowingCluster cluster, LiveHeap heap, long count)
      throws IOException {
    long before = cluster.customers();
    Submission.Imported imported = cluster.audience(count);
    KnownCustomers known = new KnownCustomers(imported.accepted() * 1e9 / imported.nanos());
    for (int i = 0; i < LOOKS; i++) {
      long after = count * i / LOOKS;
      long last = count * (i + 1) / LOOKS;
      long start = System.nanoTime();
      Waking.each(shell, cluster.client(), before + after, before + last);
      double seconds = (System.nanoTime() - start) / 1e9;
      known.looks.add(
          new Look(last, (last - after) / seconds, live(cluster), cluster.heapBytes(heap)));
    }
    return known;
  }

  private static List<Long> live(GrowingCluster cluster) {
    List<Long> live = new ArrayList<>();
    for (JsonNode member : cluster.client().get("/v1/cluster").path("members")) {
      live.add(member.path("conversations").asLong());
    }
    return live;
  }

  void report(Shell shell, ObjectNode figures) {
    Table table = new Table().row("known and asked for", "a second", "live", "heap MiB");
    ArrayNode all =
        figures.putObject("known").put("importedPerSecond", importedPerSecond).putArray("looks");
    for (Look look : looks) {
      table.row(
          Table.number(look.asked()),
          Table.number(Math.round(look.perSecond())),
          look.live().stream().map(Table::number).collect(Collectors.joining(" + ")),
          look.heapBytes().stream()
              .map(bytes -> Table.number(bytes >> 20))
              .collect(Collectors.joining(" + ")));
      ObjectNode one =
          all.addObject().put("asked", look.asked()).put("perSecond", look.perSecond());
      look.live().forEach(one.putArray("live")::add);
      look.heapBytes().forEach(one.putArray("heapBytes")::add);
    }
    table.lines().forEach(shell::print);
  }
}
