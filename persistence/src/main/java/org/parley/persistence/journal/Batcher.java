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
public final class Batcher<T extends Batcher.Item> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Batcher.class);
  private static final long CLOSE_MILLIS = 10_000;

  /**
   * One thing to be done. Its two ends are called once, one of them, on a thread of the batcher.
   */
  public interface Item {
    /** What it adds to the size of a batch, 1 or more. */
    int weight();

    /** It will not be done, or it is not known whether it was. */
    void fail(Throwable cause);
  }

  /** Does a whole batch or nothing of it. */
  @FunctionalInterface
  public interface Work<T> {
    /**
     * Does the batch and tells each item.
     *
     * @param doubtful whether an earlier try may have been done without our knowing
     * @return what is still to be done, in order; empty as a rule
     */
    List<T> run(Connection connection, List<T> batch, boolean doubtful) throws SQLException;
  }

  /**
   * The numbers of a batcher.
   *
   * @param owner whose it is, "journal" or "stores": its threads, metrics and settings begin so
   * @param name what it does; a number at its end stays out of the metrics
   * @param threads batches that are under way at a time
   * @param weight of a batch, reached when it is full
   * @param queue items that may wait; one beyond it fails at once
   * @param linger how long a batch waits for more to come, while more come than one at a time
   * @param giveUp how long an item waits for a database that is away before it fails
   * @param retryDelay the wait before a lost database is tried again
   */
  public record Limits(
      String owner,
      String name,
      int threads,
      int weight,
      int queue,
      Duration linger,
      Duration giveUp,
      Duration retryDelay) {}

  private record Waiting<T>(T item, long sinceNanos) {}

  private final Limits limits;
  private final DataSource connections;
  private final Work<T> work;
  private final BlockingQueue<Waiting<T>> queue;
  private final List<Thread> threads = new ArrayList<>();
  private final Histogram sizes;
  private final Timer times;
  private volatile boolean closed;

  /** Starts its threads, which take connections from here while they work. */
  public Batcher(Limits limits, DataSource connections, Work<T> work) {
    this.limits = limits;
    this.connections = connections;
    this.work = work;
    this.queue = new LinkedBlockingQueue<>(limits.queue());
    String operation = limits.name().replaceAll("-\\d+$", "");
    String prefix = "parley." + limits.owner();
    this.sizes = Kamon.histogram(prefix + ".batch-size").withTag("operation", operation);
    this.times = Kamon.timer(prefix + ".batch-time").withTag("operation", operation);
    for (int i = 0; i < limits.threads(); i++) {
      Thread thread =
          new Thread(this::loop, "parley-" + limits.owner() + "-" + limits.name() + "-" + i);
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
  }

  /** Puts an item into the queue; fails it when there is no room or the batcher is closed. */
  public void add(T item) {
    if (!queue.offer(new Waiting<>(item, System.nanoTime()))) {
      item.fail(
          new IllegalStateException(
              "The queue of the "
                  + limits.owner()
                  + " is full ("
                  + limits.queue()
                  + " wait for "
                  + limits.name()
                  + "); parley."
                  + limits.owner()
                  + " says how long it may be"));
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

  private Throwable closing() {
    return new IllegalStateException("The " + limits.owner() + " is closed");
  }

  private void loop() {
    List<Waiting<T>> batch = new ArrayList<>();
    boolean busy = false;
    while (!closed) {
      try {
        collect(batch, busy);
        busy = batch.size() > 1;
        run(batch, false);
      } catch (InterruptedException e) {
        batch.forEach(w -> w.item().fail(closing()));
      } catch (Throwable e) { // an Error too: without its thread the queue is never read again
        LOG.error("A batch of {} failed for a reason that is not the database's", limits.name(), e);
        batch.forEach(w -> w.item().fail(e));
        if (e instanceof VirtualMachineError fatal) throw fatal;
      }
      batch.clear();
    }
  }

  private void collect(List<Waiting<T>> batch, boolean busy) throws InterruptedException {
    // While it sleeps nobody has to wake it, and it holds nothing yet that could be lost.
    if (busy && !limits.linger().isZero()) Thread.sleep(limits.linger().toMillis());
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
        LOG.debug("{} waits for the database: {}", limits.name(), e.getMessage());
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
