package org.parley.ops;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Brings conversations to life: asks for the context of one customer after another, each once. */
final class Waking {
  private static final int CLIENTS = 8;

  private final NodeClient client;
  private final long last;
  private final AtomicLong next;
  private long done;

  private Waking(NodeClient client, long after, long last) {
    this.client = client;
    this.last = last;
    this.next = new AtomicLong(after);
  }

  /**
   * Asks for the customers after the first so many, up to the last.
   *
   * @throws CommandFailure when one of them is not answered with 200
   */
  static void each(Shell shell, NodeClient client, long after, long last) {
    Waking waking = new Waking(client, after, last);
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    try (Meter meter = Meter.start(shell, "waking", "conversations", last - after)) {
      List<Future<?>> asking = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) asking.add(threads.submit(() -> waking.ask(meter)));
      for (Future<?> asker : asking) {
        Object unused = asker.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandFailure.failed("interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CommandFailure failure) throw failure;
      throw CommandFailure.failed("the node could not be asked: " + e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private void ask(Meter meter) {
    for (long n = next.incrementAndGet(); n <= last; n = next.incrementAndGet()) {
      wake(CustomerCsv.id(n));
      synchronized (meter) {
        meter.at(++done);
      }
    }
  }

  private void wake(String customer) {
    try {
      int status = client.probe("/v1/customers/" + customer + "/context").statusCode();
      if (status != 200) throw CommandFailure.failed("the node answered with status " + status);
    } catch (IOException e) {
      throw CommandFailure.failed("the node could not be asked: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandFailure.failed("interrupted");
    }
  }
}
