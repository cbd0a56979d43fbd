package org.parley.core.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The one thread, the clock and all the timers of an actor system. What is ready runs in an order
 * that is drawn from the seed; time stands still while anything is ready. Belongs to one thread,
 * but for the start of the actor system.
 */
final class Loop {
  /**
   * Ticks come no more often than this: a late timer is a legal timer, and most of a schedule would
   * be ticks.
   */
  private static final long MIN_PERIOD_MILLIS = 6_000;

  /** A poll of due work: a timer that is no sign of life. */
  static final long POLL_MILLIS = 9_001;

  /** A timer; of those of the same time, the first one set runs first. */
  final class Timer {
    private final long number = ++timersSet;
    private final long periodMillis;
    private final Runnable task;
    private long at;
    private boolean over;

    private Timer(long at, long periodMillis, Runnable task) {
      this.at = at;
      this.periodMillis = periodMillis;
      this.task = task;
    }

    boolean cancel() {
      boolean was = !over;
      over = true;
      return was;
    }

    boolean isOver() {
      return over;
    }
  }

  private static final Comparator<Timer> ORDER =
      Comparator.<Timer>comparingLong(t -> t.at).thenComparingLong(t -> t.number);

  private final List<Runnable> ready = new ArrayList<>();
  private final List<Runnable> frozen = new ArrayList<>();
  private final PriorityQueue<Timer> timers = new PriorityQueue<>(ORDER);
  private final PriorityQueue<Timer> beats = new PriorityQueue<>(ORDER);
  private volatile boolean started;
  private final ExecutorService starter = Executors.newSingleThreadExecutor(Loop::daemon);
  private SplittableRandom random = new SplittableRandom(0);
  private Predicate<Runnable> freezes = task -> false;
  private long now;
  private long timersSet;
  private long steps;
  private long trace;

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "simulation-start");
    thread.setDaemon(true);
    return thread;
  }

  /** From now on nothing runs but by {@link #step}. */
  void takeOver() {
    started = true;
    starter.shutdown();
    try {
      if (!starter.awaitTermination(30, TimeUnit.SECONDS)) throw new IllegalStateException("busy");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Begins a schedule: time and chance start anew. */
  void begin(long seed) {
    random = new SplittableRandom(seed);
    timers.clear();
    beats.clear();
    now = 0;
    steps = 0;
    trace = seed;
  }

  /** What is held back until the predicate changes: the actors of processes that stand still. */
  void freeze(Predicate<Runnable> which) {
    freezes = which;
    List<Runnable> held = List.copyOf(frozen);
    frozen.clear();
    held.forEach(this::execute);
  }

  void execute(Runnable task) {
    if (!started) starter.execute(task);
    else if (freezes.test(task)) frozen.add(task);
    else ready.add(task);
  }

  /** Runs once, later. */
  Timer after(long millis, Runnable task) {
    return add(millis == POLL_MILLIS ? beats : timers, new Timer(now + millis, 0, task));
  }

  /** Runs again and again; it keeps nobody awake. */
  Timer every(long firstMillis, long millis, Runnable task) {
    long period = Math.max(millis, MIN_PERIOD_MILLIS + random.nextLong(MIN_PERIOD_MILLIS));
    return add(beats, new Timer(now + firstMillis, period, task));
  }

  private static Timer add(PriorityQueue<Timer> to, Timer timer) {
    to.add(timer);
    return timer;
  }

  /** Runs one thing, or lets time go on to the next; false when there is nothing at all. */
  boolean step() {
    steps++;
    if (!ready.isEmpty()) {
      int size = ready.size();
      int chosen = size == 1 ? 0 : random.nextInt(size);
      Runnable task = ready.set(chosen, ready.get(size - 1));
      ready.remove(size - 1);
      trace = trace * 31 + size * 1_009L + chosen;
      task.run();
      return true;
    }
    Timer timer = timers.peek();
    Timer beat = beats.peek();
    boolean beats = timer == null || (beat != null && ORDER.compare(beat, timer) < 0);
    Timer next = beats ? this.beats.poll() : timers.poll();
    if (next == null) return false;
    if (next.over) return true;
    now = Math.max(now, next.at);
    trace = trace * 31 + now;
    if (next.periodMillis > 0) {
      next.at = now + next.periodMillis;
      this.beats.add(next);
    } else {
      next.over = true;
    }
    next.task.run();
    return true;
  }

  /** Whether nothing is ready and the next timer is a mere tick. */
  boolean isIdle() {
    if (!ready.isEmpty()) return false;
    while (!timers.isEmpty() && timers.peek().over) timers.poll();
    return true;
  }

  /** When the next thing happens that is no tick; {@link Long#MAX_VALUE} when there is none. */
  long nextAt() {
    return timers.isEmpty() ? Long.MAX_VALUE : timers.peek().at;
  }

  /** Leaves out the ticks up to a moment. */
  void skipTo(long moment) {
    List<Timer> all = new ArrayList<>(beats);
    all.sort(ORDER);
    beats.clear();
    now = moment;
    for (Timer timer : all) {
      if (timer.over) continue;
      timer.at = Math.max(timer.at, now + random.nextLong(MIN_PERIOD_MILLIS));
      beats.add(timer);
    }
  }

  /** Runs what is ready, and nothing that needs time. */
  void drain() {
    while (!ready.isEmpty()) step();
  }

  /** Milliseconds since the schedule began; no step of a clock shows in it. */
  long now() {
    return now;
  }

  long steps() {
    return steps;
  }

  SplittableRandom random() {
    return random;
  }

  /** Something that happened, for the fingerprint of the schedule. */
  void note(int hash) {
    trace = trace * 31 + hash;
  }

  long trace() {
    return trace;
  }
}
