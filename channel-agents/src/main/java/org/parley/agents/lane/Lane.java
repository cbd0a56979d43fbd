package org.parley.agents.lane;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.CarrierOrder;
import org.parley.core.api.CarrierView;
import org.parley.core.api.Category;
import org.parley.core.api.Outcome;
import org.parley.core.spi.AwakeClock;
import org.parley.core.spi.Connector;
import org.parley.core.spi.WireGate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to one carrier: a bounded queue, a pace, as many attempts on the wire as there are
 * connections, a breaker, and the last look before the wire. Every job offered is answered exactly
 * once. A full lane refuses; it never grows. Transactional jobs go before queued marketing ones.
 *
 * <p>A job costs no hop and no timer of its own: it starts on the thread that offers it, or on the
 * thread that brings the answer of the one before. {@link #tick()} must be called a few times a
 * second; it answers what is overdue. Thread-safe.
 */
public final class Lane implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);
  private static final long LONGEST_ALARM_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final String USED_UP = "it has carried all that it may today";

  private final Exception carrierError = new CarrierError();

  private final LaneSettings settings;
  private final Connector connector;
  private final WireGate gate;
  private final LongSupplier nanoClock;
  private final AwakeClock awake;
  private final Alarm alarm;
  private final CircuitBreaker breaker;
  private final Standing standing;
  private final Budget budget;
  private final LaneMetrics metrics;
  private final long callTimeoutNanos;
  private volatile Runnable roomChanged = () -> {};

  // Guarded by this.
  private final ArrayDeque<LaneJob> urgent = new ArrayDeque<>();
  private final ArrayDeque<LaneJob> ordinary = new ArrayDeque<>();
  private final Set<Call> onWire = new HashSet<>();
  private final Pace pace;
  private final Domains domains;
  private boolean alarmSet;
  private boolean domainAlarmSet;

  public Lane(
      LaneSettings settings,
      Connector connector,
      WireGate gate,
      Alarm alarm,
      LongSupplier nanoClock) {
    this(settings, connector, gate, alarm, nanoClock, Budget.UNSHARED);
  }

  /**
   * A lane to a carrier that lanes on other nodes use too.
   *
   * @param budget what it may use of the carrier's rate
   */
  public Lane(
      LaneSettings settings,
      Connector connector,
      WireGate gate,
      Alarm alarm,
      LongSupplier nanoClock,
      Budget budget) {
    this.settings = settings;
    this.connector = connector;
    this.gate = gate;
    this.alarm = alarm;
    this.nanoClock = nanoClock;
    this.awake = new AwakeClock(nanoClock);
    this.pace = new Pace(settings.perSecond(), nanoClock.getAsLong());
    this.domains =
        new Domains(
            settings.carrier(), settings.domains(), InstantSource.system(), nanoClock.getAsLong());
    this.callTimeoutNanos = settings.callTimeout().toNanos();
    this.metrics = new LaneMetrics(settings.carrier());
    this.breaker = CircuitBreaker.of(settings.carrier(), breakerConfig(settings.breaker()));
    this.standing = new Standing(settings.carrier(), breaker, InstantSource.system());
    this.budget = budget;
    budget.whenMore(this::pump);
  }

  private CircuitBreakerConfig breakerConfig(LaneSettings.BreakerSettings breakerSettings) {
    return CircuitBreakerConfig.custom()
        .slidingWindowType(
            breakerSettings.countWindow()
                ? SlidingWindowType.COUNT_BASED
                : SlidingWindowType.TIME_BASED)
        .slidingWindowSize(breakerSettings.window())
        .minimumNumberOfCalls(breakerSettings.minimumCalls())
        .failureRateThreshold(breakerSettings.errorPercent())
        .waitDurationInOpenState(breakerSettings.open())
        .permittedNumberOfCallsInHalfOpenState(breakerSettings.probes())
        .clock(new ElapsedClock(nanoClock))
        .writableStackTraceEnabled(false)
        .build();
  }

  public String carrier() {
    return settings.carrier();
  }

  /** Whether an answer of this lane lets the next carrier be asked. */
  public static boolean invitesFailover(Outcome outcome) {
    return CarrierTrouble.invitesFailover(outcome);
  }

  /** Whether an answer of a lane says that nothing goes through its carrier at the moment. */
  public static boolean isClosed(Outcome outcome) {
    return CarrierTrouble.isClosed(outcome);
  }

  /** Follows an operator's order. */
  public void order(CarrierOrder order, Instant at) {
    standing.order(order, at);
    tick();
    roomChanged.run();
  }

  /** What an operator sees of it. */
  public LaneReport report() {
    Standing.State state = standing.state();
    boolean usedUp = state.state().isUsable() && settings.warmUp().isUsedUp();
    synchronized (this) {
      return new LaneReport(
          carrier(),
          connector.channel(),
          settings.priority(),
          settings.perSecond(),
          new CarrierView.OnNode(
              "",
              state.state(),
              usedUp ? USED_UP : state.why(),
              state.since(),
              urgent.size() + ordinary.size(),
              onWire.size(),
              domains.backOffs(nanoClock.getAsLong())));
    }
  }

  /** Takes a job, or answers it at once when the lane is full. */
  public void offer(LaneJob job) {
    Optional<Outcome> refusal = standing.refusal();
    if (refusal.isPresent()) {
      answer(job, refusal.get());
      return;
    }
    boolean full;
    synchronized (this) {
      full = waiting() >= settings.queue();
      if (!full) queue(job).add(job);
    }
    if (full) {
      answer(job, Outcome.notSent(carrier(), "laneFull", "too many attempts wait for the carrier"));
      return;
    }
    pump();
  }

  /** Answers what waits past its life or is on the wire past the call timeout, and goes on. */
  public void tick() {
    long now = nanoClock.getAsLong();
    List<LaneJob> waiting = new ArrayList<>();
    List<Call> overdue = new ArrayList<>();
    double ownPerSecond = budget.ownPerSecond(now);
    standing.budgetIs(budget.isLost(now), ownPerSecond);
    metrics.ownPerSecond(ownPerSecond);
    List<Domains.Refused> refused = new ArrayList<>();
    long awakeNow = awake.getAsLong();
    synchronized (this) {
      waiting.addAll(urgent);
      waiting.addAll(ordinary);
      waiting.addAll(domains.jobs());
      refused.addAll(domains.outlasted(now));
      for (Call call : onWire) {
        if (awakeNow - call.startedNanos >= callTimeoutNanos) overdue.add(call);
      }
      metrics.state(waiting.size(), onWire.size(), breakerCode());
      metrics.domains(domains.backingOff(now), domains.remembered());
    }
    for (Domains.Refused each : refused) answer(each.job(), each.outcome());
    for (LaneJob job : waiting) {
      Optional<Outcome> stopped = standing.broken().or(() -> stopped(job));
      if (stopped.isPresent() && withdraw(job)) answer(job, stopped.get());
    }
    for (Call call : overdue) {
      call.end(
          Outcome.unknown(carrier(), "callTimeout", "no answer within " + settings.callTimeout()));
    }
    pump();
  }

  /**
   * How many attempts may be under way for it: none while nothing goes through, as many as try the
   * carrier while it is tried, no more than today's number leaves, and otherwise as many as anybody
   * likes.
   */
  public int room() {
    if (standing.refusal().isPresent() || settings.warmUp().isUsedUp()) return 0;
    long left = settings.warmUp().leftToday();
    long today = left == Long.MAX_VALUE ? left : left + onTheWire();
    return (int) Math.min(Math.min(today, roomOfTheBreaker()), Integer.MAX_VALUE);
  }

  private long roomOfTheBreaker() {
    if (breaker.getState() != CircuitBreaker.State.HALF_OPEN) return Integer.MAX_VALUE;
    int answered = breaker.getMetrics().getNumberOfBufferedCalls();
    return (long) beforeTheProbes() + Math.max(0, settings.breaker().probes() - answered);
  }

  private synchronized int onTheWire() {
    return onWire.size();
  }

  /** Until when nothing goes through, where that is known: the day's number is used up. */
  public Optional<Instant> closedUntil() {
    return standing.refusal().isEmpty() && settings.warmUp().isUsedUp()
        ? Optional.of(settings.warmUp().nextDay())
        : Optional.empty();
  }

  private synchronized int beforeTheProbes() {
    int count = 0;
    for (Call call : onWire) {
      if (!call.probe) count++;
    }
    return count;
  }

  /**
   * Has it told when {@link #room} may have changed by an answer, an operator's order or the last
   * of a day's number, taken or given back. That a new day begins is seen by whoever looks.
   */
  public void whenRoomChanges(Runnable task) {
    roomChanged = task;
  }

  /** Whether nothing waits and nothing is on the wire. */
  public synchronized boolean isIdle() {
    return waiting() == 0 && onWire.isEmpty();
  }

  /** How many wait. */
  public synchronized int depth() {
    return waiting();
  }

  private int waiting() {
    return urgent.size() + ordinary.size() + domains.parked();
  }

  /** Answers all that waits with {@code NOT_SENT}, and ends the connector. */
  @Override
  public void close() {
    List<LaneJob> waiting = new ArrayList<>();
    synchronized (this) {
      waiting.addAll(urgent);
      waiting.addAll(ordinary);
      waiting.addAll(domains.jobs());
      urgent.clear();
      ordinary.clear();
      domains.clear();
    }
    for (LaneJob job : waiting) answer(job, Outcome.notSent("shuttingDown"));
    connector.close();
  }

  private void pump() {
    while (true) {
      Call call = next();
      if (call == null) return;
      launch(call);
    }
  }

  private @Nullable Call next() {
    List<Domains.Refused> refused = new ArrayList<>(0);
    Call call = next(refused);
    for (Domains.Refused each : refused) answer(each.job(), each.outcome());
    return call;
  }

  private @Nullable Call next(List<Domains.Refused> refused) {
    long wait;
    Runnable then;
    synchronized (this) {
      if (waiting() == 0 || onWire.size() >= settings.connections()) return null;
      long now = nanoClock.getAsLong();
      boolean paced = pace.tryTake(now);
      if (paced && budget.tryTake(now)) {
        Domains.Start start = domains.next(urgent, ordinary, now, refused);
        if (start != null) {
          Call call = new Call(start.job(), start.domain(), awake.getAsLong());
          onWire.add(call);
          return call;
        }
        pace.giveBack();
        budget.giveBack();
        wait = domains.waitNanos(now);
        // A long wait ends with a tick.
        if (domainAlarmSet || wait == 0 || wait > LONGEST_ALARM_NANOS) return null;
        domainAlarmSet = true;
        then = this::domainAllows;
      } else {
        if (paced) pace.giveBack();
        if (alarmSet) return null;
        alarmSet = true;
        wait = paced ? budget.waitNanos(now) : pace.waitNanos(now);
        then = this::paceAllows;
      }
    }
    alarm.after(wait, then);
    return null;
  }

  private void domainAllows() {
    synchronized (this) {
      domainAlarmSet = false;
    }
    pump();
  }

  private void paceAllows() {
    synchronized (this) {
      alarmSet = false;
    }
    pump();
  }

  /**
   * Starts one call. An answer that comes while it starts does not pump, because the pump that
   * started it goes on; so the stack does not grow with a connector that answers at once.
   */
  private void launch(Call call) {
    Outcome refusal = lastLook(call);
    if (refusal != null) {
      call.withdraw(refusal);
      return;
    }
    call.asked = true;
    CompletionStage<Outcome> answer;
    try {
      answer = connector.send(call.job.attempt());
    } catch (RuntimeException e) {
      LOG.error("The connector of carrier {} threw; this is a defect", carrier(), e);
      call.end(Outcome.unknown(carrier(), "connectorFailed", e.getClass().getSimpleName()));
      call.launching = false;
      return;
    }
    answer.whenComplete(call::connectorAnswered);
    call.launching = false;
  }

  private @Nullable Outcome lastLook(Call call) {
    LaneJob job = call.job;
    if (job.isSettled()) return Outcome.notSent("alreadyAnswered");
    Optional<Outcome> stopped = stopped(job);
    if (stopped.isPresent()) return stopped.get();
    Optional<Outcome> broken = standing.broken();
    if (broken.isPresent()) return broken.get();
    Optional<LocalDate> day = settings.warmUp().tryTake();
    if (day.isEmpty()) {
      roomChanged.run();
      return Outcome.notSent(carrier(), "warmUp", USED_UP);
    }
    call.day = day.get();
    if (!breaker.tryAcquirePermission()) return standing.breakerOpen();
    call.probe = breaker.getState() == CircuitBreaker.State.HALF_OPEN;
    if (job.enterWire()) return null;
    breaker.releasePermission();
    return Outcome.notSent("alreadyAnswered");
  }

  private Optional<Outcome> stopped(LaneJob job) {
    try {
      return gate.stop(job.attempt()).map(Outcome::notSent);
    } catch (RuntimeException e) {
      LOG.error("The wire gate threw; the attempt is not sent", e);
      return Optional.of(Outcome.notSent("gateFailed"));
    }
  }

  private synchronized boolean withdraw(LaneJob job) {
    return queue(job).remove(job) || domains.remove(job);
  }

  private ArrayDeque<LaneJob> queue(LaneJob job) {
    return job.attempt().category() == Category.TRANSACTIONAL ? urgent : ordinary;
  }

  private void answer(LaneJob job, Outcome outcome) {
    metrics.answered(outcome);
    job.answered(outcome);
  }

  /** 0 closed, 1 trying the carrier, 2 open. */
  private int breakerCode() {
    return switch (breaker.getState()) {
      case OPEN, FORCED_OPEN -> 2;
      case HALF_OPEN -> 1;
      default -> 0;
    };
  }

  /** One job between the queue and its answer. */
  private final class Call {
    private final LaneJob job;
    private final @Nullable Domain domain;
    private final long startedNanos;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile boolean launching = true;
    private volatile boolean probe;
    private boolean asked;

    /** The day of the warm-up that it is counted for; null when it is not. */
    private @Nullable LocalDate day;

    Call(LaneJob job, @Nullable Domain domain, long startedNanos) {
      this.job = job;
      this.domain = domain;
      this.startedNanos = startedNanos;
    }

    void connectorAnswered(@Nullable Outcome outcome, @Nullable Throwable failure) {
      if (outcome == null) {
        LOG.error("The connector of carrier {} failed; this is a defect", carrier(), failure);
        end(Outcome.unknown(carrier(), "connectorFailed", String.valueOf(failure)));
      } else {
        end(outcome);
      }
      if (!launching) pump();
    }

    /** The carrier was not asked: the place on the wire and the token are free again. */
    void withdraw(Outcome outcome) {
      leave(null);
      uncount();
      answer(job, outcome);
    }

    void end(Outcome outcome) {
      if (!ended.compareAndSet(false, true)) return;
      boolean news = leave(outcome);
      if (!CarrierTrouble.reachedReceiver(outcome)) uncount();
      long tookNanos = Math.max(0, awake.getAsLong() - startedNanos);
      if (asked) {
        tell(outcome, news, tookNanos);
        metrics.wireTime(tookNanos);
      }
      answer(job, outcome);
    }

    /** Before the answer, which makes a place free. */
    private void uncount() {
      LocalDate counted = day;
      if (counted != null && settings.warmUp().giveBack(counted)) roomChanged.run();
    }

    private void tell(Outcome outcome, boolean news, long tookNanos) {
      boolean steady = breaker.getState() == CircuitBreaker.State.CLOSED;
      if (!news) {
        breaker.releasePermission();
      } else if (CarrierTrouble.isError(outcome)) {
        breaker.onError(tookNanos, TimeUnit.NANOSECONDS, carrierError);
      } else {
        breaker.onSuccess(tookNanos, TimeUnit.NANOSECONDS);
      }
      // Before the answer, which makes a place free.
      if (!steady || breaker.getState() != CircuitBreaker.State.CLOSED) roomChanged.run();
    }

    /**
     * Gives the place on the wire back.
     *
     * @param outcome null when the carrier was not asked
     * @return false when the answer only repeats what its domain had said before, so that one
     *     domain's deferrals do not open the breaker for all
     */
    private boolean leave(@Nullable Outcome outcome) {
      synchronized (Lane.this) {
        onWire.remove(this);
        if (outcome == null) {
          pace.giveBack();
          budget.giveBack();
        }
        if (domain == null) return true;
        long now = nanoClock.getAsLong();
        if (outcome == null) {
          domains.withdraw(domain, now);
          return true;
        }
        boolean news = !Domain.isPutOff(outcome) || domain.pauseNanos(now) == 0;
        domains.answered(domain, outcome, now);
        return news;
      }
    }
  }

  /** Stands for every error of the carrier; the breaker only counts it. */
  private static final class CarrierError extends Exception {
    private static final long serialVersionUID = 1L;

    CarrierError() {
      super("the carrier failed", null, false, false);
    }
  }
}
