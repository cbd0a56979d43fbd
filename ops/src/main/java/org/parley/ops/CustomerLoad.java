package org.parley.ops;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Clients that ask a node for customers one after another, without a second try: what they do not
 * get is counted.
 */
final class CustomerLoad implements AutoCloseable {
  private static final int CLIENTS = 4;

  private final NodeClient node;
  private final long customers;
  private final AtomicLong asked = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong longestNanos = new AtomicLong();
  private final List<Thread> clients;
  private volatile boolean ended;

  private CustomerLoad(NodeClient node, long customers) {
    this.node = node;
    this.customers = customers;
    this.clients =
        IntStream.range(0, CLIENTS)
            .mapToObj(i -> new Thread(this::ask, "customer-load-" + i))
            .toList();
  }

  /** Begins; it goes on until it is closed. */
  static CustomerLoad start(NodeClient node, long customers) {
    CustomerLoad load = new CustomerLoad(node, customers);
    for (Thread client : load.clients) {
      client.setDaemon(true);
      client.start();
    }
    return load;
  }

  private void ask() {
    while (!ended) {
      String customer = CustomerCsv.id(1 + asked.getAndIncrement() % customers);
      long start = System.nanoTime();
      if (!isAnswered("/v1/customers/" + customer + "/context")) failed.incrementAndGet();
      longestNanos.accumulateAndGet(System.nanoTime() - start, Math::max);
    }
  }

  private boolean isAnswered(String path) {
    try {
      return node.probe(path).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  long asked() {
    return asked.get();
  }

  /** How many got another answer than 200, or none within a few seconds. */
  long failed() {
    return failed.get();
  }

  double longestMillis() {
    return longestNanos.get() / 1e6;
  }

  @Override
  public void close() {
    stop();
  }

  /** Ends it, and waits for what is under way. */
  void stop() {
    ended = true;
    for (Thread client : clients) {
      try {
        client.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
