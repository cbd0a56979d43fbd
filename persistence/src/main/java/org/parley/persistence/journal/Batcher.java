package org.parley.persistence.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import kamon.Kamon;
import kamon.metric.Histogram;
import kamon.metric.Timer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects what waits and does it in one go on one connection. Each of its threads has one batch at
 * a time; with one thread, batches run in the order of their coming. When the database refuses a
 * batch it is halved, so that only the guilty item fails. When the database is away the batch waits
 * for it, and fails with a clear sentence after a time.
 *
 * @param <T> what is collected
 */
final class Batcher<T extends Batcher.Item> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Batcher.class);
  private static final long CLOSE_MILLIS = 10_000;

  /**
   * One thing to be done. Its two ends are called once, one of them, on a thread of the batcher.
   */
  interface Item {
    /** What it adds to the size of a batch, 1 or more. */
    int weight();

    /** It will not be done, or it is not known whether it was. */
    void fail(Throwable cause);
  }

  /** Does a whole batch or nothing of it. */
  @FunctionalInterface
  interface Work<T> {
    /**
     * Does the batch and tells each item.
     *
     * @param doubtful whether an earlier try may have been done without our knowing
     * @return what is still to be done, in order; empty as a rule
     */
    List<T> run(Connection connection, List<T> batch, boolean doubtful) throws SQLException;
  }

  /** The numbers of a batcher. */
  record Limits(
      String name, int threads, int weight, int queue, Duration giveUp, Duration retryDelay) {}

  private record Waiting<T>(T item, long sinceNanos) {}

  private final Limits limits;
  private final DataSource connections;
  private final Work<T> work;
  private final BlockingQueue<Waiting<T>> queue;
  private final List<Thread> threads = new ArrayList<>();
  private final Histogram sizes;
  private final Timer times;
  private volatile boolean closed;

  Batcher(Limits limits, DataSource connections, Work<T> work) {
    this.limits = limits;
    this.connections = connections;
    this.work = work;
    this.queue = new LinkedBlockingQueue<>(limits.queue());
    String operation = limits.name().replaceAll("-\\d+$", "");
    this.sizes = Kamon.histogram("parley.journal.batch-size").withTag("operation", operation);
    this.times = Kamon.timer("parley.journal.batch-time").withTag("operation", operation);
    for (int i = 0; i < limits.threads(); i++) {
      Thread thread = new Thread(this::loop, "parley-journal-" + limits.name() + "-" + i);
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
  }

  /** Puts an item into the queue; fails it when there is no room or the batcher is closed. */
  void add(T item) {
    if (!queue.offer(new Waiting<>(item, System.nanoTime()))) {
      item.fail(
          new IllegalStateException(
              "The journal's queue is full ("
                  + limits.queue()
                  + " wait for "
                  + limits.name()
                  + "); parley.journal says how long it may be"));
    } else if (closed) {
      failAll();
    }
  }

  /** How many items wait. */
  int waiting() {
    return queue.size();
  }

  /** Ends its threads, after at most 10 s for what is under way; what is not done fails. */
  @Override
  public void close() {
    closed = true;
    threads.forEach(Thread::interrupt);
    try {
      for (Thread thread : threads) thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    failAll();
  }

  private void failAll() {
    for (Waiting<T> w = queue.poll(); w != null; w = queue.poll()) w.item().fail(closing());
  }

  private static Throwable closing() {
    return new IllegalStateException("The journal is closed");
  }

  private void loop() {
    List<Waiting<T>> batch = new ArrayList<>();
    while (!closed) {
      try {
        collect(batch);
        run(batch, false);
      } catch (InterruptedException e) {
        batch.forEach(w -> w.item().fail(closing()));
      } catch (RuntimeException e) {
        LOG.error("A batch of the journal failed for a reason that is not the database's", e);
        batch.forEach(w -> w.item().fail(e));
      }
      batch.clear();
    }
  }

  private void collect(List<Waiting<T>> batch) throws InterruptedException {
    Waiting<T> next = queue.take();
    int weight = 0;
    while (next != null) {
      batch.add(next);
      weight += next.item().weight();
      next = weight < limits.weight() ? queue.poll() : null;
    }
    sizes.record(weight);
  }

  private void run(List<Waiting<T>> batch, boolean doubtful) throws InterruptedException {
    List<Waiting<T>> rest = batch;
    boolean doubt = doubtful;
    while (!rest.isEmpty()) {
      boolean connected = false;
      try (Connection connection = connections.getConnection()) {
        connected = true;
        rest = once(connection, rest, doubt);
        doubt = false;
      } catch (SQLException e) {
        if (Faults.isRefusal(e)) {
          halve(rest, doubt, e);
          return;
        }
        doubt |= connected;
        LOG.debug("The journal waits for the database: {}", e.getMessage());
        rest = patient(rest, e);
        if (!rest.isEmpty()) Thread.sleep(limits.retryDelay().toMillis());
      }
    }
  }

  private List<Waiting<T>> once(Connection connection, List<Waiting<T>> batch, boolean doubtful)
      throws SQLException {
    long start = System.nanoTime();
    List<T> items = batch.stream().map(Waiting::item).toList();
    List<T> left = work.run(connection, items, doubtful);
    times.record(System.nanoTime() - start);
    if (left.isEmpty()) return List.of();
    return batch.stream().filter(w -> left.contains(w.item())).toList();
  }

  private void halve(List<Waiting<T>> batch, boolean doubtful, SQLException refusal)
      throws InterruptedException {
    if (batch.size() == 1) {
      batch.get(0).item().fail(refusal);
      return;
    }
    int middle = batch.size() / 2;
    run(batch.subList(0, middle), doubtful);
    run(batch.subList(middle, batch.size()), doubtful);
  }

  /** Those that may wait longer; the others fail. */
  private List<Waiting<T>> patient(List<Waiting<T>> batch, SQLException reason) {
    long oldest = System.nanoTime() - limits.giveUp().toNanos();
    List<Waiting<T>> patient = new ArrayList<>(batch.size());
    for (Waiting<T> waiting : batch) {
      if (waiting.sinceNanos() - oldest > 0) {
        patient.add(waiting);
      } else {
        TimeoutException timeout =
            new TimeoutException(
                "The database was away for " + limits.giveUp().toSeconds() + " s; given up");
        timeout.initCause(reason);
        waiting.item().fail(timeout);
      }
    }
    return patient;
  }

  /** For metrics: how many wait in all of these. */
  static int waiting(List<? extends Batcher<?>> batchers) {
    return batchers.stream().mapToInt(Batcher::waiting).sum();
  }
}
