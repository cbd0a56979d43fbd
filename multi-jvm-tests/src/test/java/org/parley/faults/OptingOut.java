package org.parley.faults;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Customers of a campaign who opt out, one after the other, and what each was told when. */
final class OptingOut implements AutoCloseable {
  private static final String BODY = "{\"email\":\"optedOut\"}";

  private final Cluster cluster;
  private final Run run;
  private final List<String> customers;
  private final Map<String, Instant> acknowledged = new ConcurrentHashMap<>();
  private final Thread thread = new Thread(this::optOut, "opting-out");
  private volatile boolean stopped;

  private OptingOut(Cluster cluster, Run run, int count) {
    this.cluster = cluster;
    this.run = run;
    List<String> all = new ArrayList<>(run.audience().keySet());
    Collections.reverse(all);
    this.customers = all.subList(0, Math.min(count, all.size()));
  }

  /** The last ones of the audience do. */
  static OptingOut start(Cluster cluster, Run run, int count) {
    OptingOut optingOut = new OptingOut(cluster, run, count);
    optingOut.thread.start();
    return optingOut;
  }

  private void optOut() {
    for (String customer : customers) {
      while (!stopped) {
        var answer = cluster.client().put("/v1/customers/" + customer + "/consent", BODY);
        if (answer.status() == 200) {
          acknowledged.put(run.audience().getOrDefault(customer, ""), Instant.now());
          break;
        }
      }
    }
  }

  /** When each was acknowledged, by address. */
  Map<String, Instant> acknowledged() {
    return acknowledged;
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join(60_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
