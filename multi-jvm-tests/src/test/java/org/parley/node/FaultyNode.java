package org.parley.node;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.pekko.actor.typed.ActorSystem;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.Parley;
import org.parley.core.cluster.Held;
import org.parley.core.run.SecondRunners;
import org.parley.core.spi.Stores;

/**
 * A node as {@link Main} starts it, with faults that no signal can make. Its orders come on its
 * standard input, one a line, and each is answered with {@code obeyed: } and the order:
 *
 * <ul>
 *   <li>{@code cut ADDRESS}: nothing arrives any more of what comes from there
 *   <li>{@code mend ADDRESS}: it arrives again
 *   <li>{@code runners}: every slice of every audience gets a second runner, here
 *   <li>{@code break NAME}: the product is broken in one of three ways, see {@link Breaks}
 *   <li>{@code whole}: it is not broken any more
 *   <li>{@code heap}: a full collection; before the answer, {@code heap: }, the bytes it left and
 *       how many conversations are live
 * </ul>
 *
 * When its input ends, so does the node: it does not outlive its test.
 */
public final class FaultyNode {
  private static final Duration COUNTED_WITHIN = Duration.ofSeconds(4);

  private final Link link = new Link();
  private volatile @Nullable ActorSystem<?> system;
  private volatile @Nullable Runnable secondRunners;

  private FaultyNode() {}

  /** Takes the arguments of {@link Main}. */
  public static void main(String[] arguments) {
    FaultyNode node = new FaultyNode();
    Thread orders = new Thread(node::takeOrders, "fault-orders");
    orders.setDaemon(true);
    orders.start();
    System.exit(Main.run(node.alterations(), arguments));
  }

  private Alterations alterations() {
    BiConsumer<Stores, Parley> engine =
        (made, parley) -> secondRunners = () -> SecondRunners.start(running(), made, parley);
    return new Alterations(this::take, Breaks::cursor, Breaks::pool, engine);
  }

  private void take(ActorSystem<?> made) {
    link.open(made);
    system = made;
  }

  private void takeOrders() {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        obey(line.split(" "));
        System.out.println("obeyed: " + line);
      }
    } catch (IOException e) {
      System.err.println("the orders cannot be read: " + e);
    }
    Runtime.getRuntime().halt(3);
  }

  private void obey(String[] order) {
    switch (order[0]) {
      case "cut" -> link.cut(order[1]);
      case "mend" -> link.mend(order[1]);
      case "runners" -> {
        Runnable start = secondRunners;
        if (start == null) throw new IllegalStateException("the engine has not started");
        start.run();
      }
      case "break" -> Breaks.on(order[1]);
      case "whole" -> Breaks.off();
      case "heap" -> System.out.println("heap: " + heapBytes() + ' ' + conversations());
      default -> throw new IllegalArgumentException("no such order: " + order[0]);
    }
  }

  private static long heapBytes() {
    System.gc();
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .mapToLong(pool -> pool.getCollectionUsage().getUsed())
        .sum();
  }

  /** Who gives the order waits for its answer, and not for ever. */
  private int conversations() {
    Optional<Held> held = Optional.empty();
    while (held.isEmpty()) {
      held = Held.by(running(), COUNTED_WITHIN).toCompletableFuture().join();
    }
    return held.get().conversations();
  }

  /** A node may be told while it starts. */
  private ActorSystem<?> running() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      ActorSystem<?> now = system;
      if (now != null) return now;
      if (System.nanoTime() > end) throw new IllegalStateException("no actor system yet");
      Thread.onSpinWait();
    }
  }
}
