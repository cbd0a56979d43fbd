package org.parley.ops;

import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One node of a local cluster, and its supervisor: a node that ends by itself is started again,
 * after a pause that grows with every failure; one that was told to end stays down.
 */
final class LocalNode {
  /** What it is doing. */
  enum State {
    DOWN,
    STARTING,
    READY,
    FROZEN,
    ENDING
  }

  /**
   * What is to be seen of it.
   *
   * @param url where it takes requests, once it does
   */
  record Look(State state, Optional<Long> pid, Optional<URI> url) {}

  private static final int MAX_FAILED_STARTS = 3;
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration POLITE = Duration.ofMinutes(1);

  /** A node's status when its settings are wrong, so that another start is in vain. */
  private static final int WRONG_SETTINGS = 2;

  private final Supplier<NodeProcess> starter;
  private final ScheduledExecutorService timer;
  private final Consumer<String> say;

  private State state = State.DOWN;
  private boolean wanted;
  // What a command has done to the process; empty when it ends by itself.
  private String told = "";
  private int freezes;
  private @Nullable NodeProcess process;
  private Optional<URI> url = Optional.empty();
  private @Nullable Thread supervisor;

  /**
   * A node that does not run yet.
   *
   * @param starter starts its process
   * @param timer ends its freezes
   * @param say is told all that is worth knowing
   */
  LocalNode(Supplier<NodeProcess> starter, ScheduledExecutorService timer, Consumer<String> say) {
    this.starter = starter;
    this.timer = timer;
    this.say = say;
  }

  synchronized Look look() {
    Optional<Long> pid = Optional.ofNullable(process).map(NodeProcess::pid);
    return new Look(state, pid, url);
  }

  /** Starts it; one that is ending is started when it has ended. */
  synchronized void start() {
    if (wanted) {
      say.accept("runs already");
      return;
    }
    wanted = true;
    if (supervisor != null) return;
    state = State.STARTING;
    Thread thread = new Thread(this::supervise, "local-node");
    thread.setDaemon(true);
    supervisor = thread;
    thread.start();
  }

  /** Ends it at once (SIGKILL). */
  void kill() {
    end("killed", Child::kill);
  }

  /** Asks it to leave and to end (SIGTERM). */
  void stop() {
    end("stopped", Child::terminate);
  }

  /** Lets it stand still (SIGSTOP) for a while. */
  synchronized void freeze(Duration time) {
    if (process == null || (state != State.READY && state != State.STARTING)) {
      say.accept("cannot be frozen: it is " + name());
      return;
    }
    process.child().freeze();
    state = State.FROZEN;
    say.accept("frozen for " + time.toSeconds() + " s");
    int freeze = ++freezes;
    var unused =
        timer.schedule(
            () -> {
              if (freeze == freezes()) thaw();
            },
            time.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /** Lets it go on (SIGCONT). */
  synchronized void thaw() {
    if (process == null || state != State.FROZEN) {
      say.accept("is not frozen: it is " + name());
      return;
    }
    freezes++;
    process.child().thaw();
    state = url.isPresent() ? State.READY : State.STARTING;
    say.accept("thawed");
  }

  /** Waits until it takes requests or is down; whether it does take them. */
  synchronized boolean awaitStarted() {
    try {
      while (state == State.STARTING) wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return state == State.READY;
  }

  /** Ends it, without a word when it does not run. */
  void askToEnd() {
    if (look().state() != State.DOWN) stop();
  }

  /** Waits until it has ended, by force after a minute. */
  void awaitEnd() {
    Thread running;
    synchronized (this) {
      running = supervisor;
    }
    if (running == null) return;
    try {
      running.join(POLITE.toMillis());
      if (!running.isAlive()) return;
      kill();
      running.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      kill();
    }
  }

  private synchronized int freezes() {
    return freezes;
  }

  private String name() {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private synchronized void end(String how, Consumer<Child> signal) {
    if (supervisor == null) {
      say.accept("does not run");
      return;
    }
    wanted = false;
    notifyAll();
    if (process == null) return;
    told = how;
    // A process that stands still would hear a polite word only when it goes on.
    if (state == State.FROZEN) process.child().thaw();
    state = State.ENDING;
    signal.accept(process.child());
  }

  private void supervise() {
    int failures = 0;
    do {
      failures = live() ? 0 : failures + 1;
    } while (again(failures));
  }

  /** From the start of a process to its end; whether it is a success to start from again. */
  private boolean live() {
    NodeProcess node;
    synchronized (this) {
      state = State.STARTING;
      told = "";
      try {
        node = starter.get();
      } catch (CommandFailure e) {
        say.accept("cannot start: " + e.sentence());
        wanted = false;
        return false;
      }
      process = node;
      say.accept("starting");
    }
    boolean ready = awaitReady(node);
    int status = awaitEnd(node);
    synchronized (this) {
      process = null;
      url = Optional.empty();
      if (!told.isEmpty()) {
        say.accept(told + ", status " + status);
        return true;
      }
      String why = ready ? "" : ": " + node.failure().sentence();
      say.accept("ended by itself, status " + status + why);
      if (status == WRONG_SETTINGS) wanted = false;
      return ready;
    }
  }

  private boolean awaitReady(NodeProcess node) {
    while (node.child().isAlive()) {
      try {
        URI base = node.awaitReady(what -> {}).base();
        synchronized (this) {
          url = Optional.of(base);
          if (state == State.STARTING) state = State.READY;
          say.accept("ready at " + base);
          notifyAll();
        }
        return true;
      } catch (CommandFailure e) {
        // Of one that has ended there is more to tell than this.
        if (node.child().isAlive()) say.accept(e.sentence());
      }
    }
    return false;
  }

  private static int awaitEnd(NodeProcess node) {
    try {
      return node.child().await();
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts a supervisor", e);
    } finally {
      node.close();
    }
  }

  /** Whether there is to be another process, after a pause. */
  private synchronized boolean again(int failures) {
    if (wanted && failures == MAX_FAILED_STARTS) {
      say.accept("has failed " + failures + " times and stays down");
      wanted = false;
    }
    if (wanted && told.isEmpty()) {
      say.accept("is started again");
      state = State.STARTING;
      pause(failures);
    }
    if (wanted) return true;
    state = State.DOWN;
    supervisor = null;
    notifyAll();
    return false;
  }

  /** Ends early when the node is not wanted any more. */
  private void pause(int failures) {
    long millis = Math.min(1_000L << failures, LONGEST_PAUSE.toMillis());
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    try {
      while (wanted && System.nanoTime() < end) {
        wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts a supervisor", e);
    }
  }
}
