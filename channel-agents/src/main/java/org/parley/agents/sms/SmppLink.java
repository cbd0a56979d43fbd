package org.parley.agents.sms;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jsmpp.bean.BindType;
import org.jsmpp.bean.NumberingPlanIndicator;
import org.jsmpp.bean.TypeOfNumber;
import org.jsmpp.session.BindParameter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one transceiver bind to a carrier, and is the one thread that writes to it. When the bind
 * ends it binds again, after a pause that doubles with each failure and is jittered; a bind that
 * does not hold is a failure too. What waits to be written is bounded by the session's window and
 * the connector's inbound window.
 */
final class SmppLink {
  private static final Logger LOG = LoggerFactory.getLogger(SmppLink.class);
  private static final long HELD_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int MAX_DOUBLINGS = 20;

  private final SmppSettings settings;
  private final OddThings odd;
  private final SmppSession.Inlet inlet;
  private final Changed changed;
  private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final Thread thread;
  private volatile int failures;
  private volatile @Nullable SmppSession session;
  private volatile boolean bindFailed;
  private volatile boolean closing;
  private volatile boolean ended;

  /** Is told when the bind came, went, or could not be made. */
  interface Changed {
    /** Tells it: lost, when it went. */
    void bind(boolean lost);
  }

  SmppLink(
      SmppSettings settings, int number, OddThings odd, SmppSession.Inlet inlet, Changed changed) {
    this.settings = settings;
    this.odd = odd;
    this.inlet = inlet;
    this.changed = changed;
    this.thread = new Thread(this::run, "parley-smpp-" + settings.carrier() + '-' + number);
    this.thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** How many submits it could take now; 0 when it is not bound. */
  int room() {
    SmppSession bound = session;
    if (bound == null || closing || !bound.isBound()) return 0;
    return settings.window() - inFlight.get();
  }

  boolean isBound() {
    SmppSession bound = session;
    return bound != null && bound.isBound();
  }

  /** Whether the last try to bind failed, or no bind has held lately. */
  boolean isFailing() {
    return bindFailed || failures > 1;
  }

  /** Takes a segment to write; there is room. */
  void submit(Sending sending) {
    inFlight.incrementAndGet();
    sending.on(this);
    tasks.add(() -> write(sending));
    if (ended) drain();
  }

  /** A segment that it took is answered, lost, or handed back. */
  void left() {
    inFlight.decrementAndGet();
  }

  void sweep() {
    SmppSession bound = session;
    if (bound != null) bound.sweep();
  }

  /** Waits for the answers that are due, for at most the response timeout, and unbinds. */
  void close() {
    closing = true;
    tasks.add(() -> {}); // wakes the thread
    if (session == null) thread.interrupt();
  }

  private void write(Sending sending) {
    SmppSession bound = session;
    if (bound == null) {
      sending.unwritten();
    } else if (!sending.tooLate()) {
      bound.submit(sending);
    }
  }

  private void run() {
    while (!closing) {
      SmppSession bound = bind();
      if (bound == null) {
        drain();
        pause();
        continue;
      }
      session = bound;
      changed.bind(false);
      serve(bound);
      session = null;
      bound.close();
      drain();
      changed.bind(true);
      if (failures > 0 && !closing) pause();
    }
    ended = true;
    drain();
  }

  /** Everybody who waits finds the session gone and goes elsewhere. */
  private void drain() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) task.run();
  }

  private @Nullable SmppSession bind() {
    SmppSession fresh = new SmppSession(settings, odd, inlet, new LateAnswers(tasks::add));
    SmppSettings.Bind bind = settings.bind();
    BindParameter transceiver =
        new BindParameter(
            BindType.BIND_TRX,
            bind.systemId(),
            bind.password(),
            bind.systemType(),
            TypeOfNumber.UNKNOWN,
            NumberingPlanIndicator.UNKNOWN,
            null);
    try {
      fresh.connectAndBind(
          settings.host(), settings.port(), transceiver, settings.responseTimeout().toMillis());
      fresh.addSessionStateListener((now, before, source) -> tasks.add(() -> {}));
      bindFailed = false;
      return fresh;
    } catch (IOException | RuntimeException e) {
      bindFailed = true;
      failed(e.getMessage());
      fresh.close();
      changed.bind(false);
      return null;
    }
  }

  private void failed(@Nullable String why) {
    if (failures == 0) LOG.warn("Carrier {} cannot be bound: {}", settings.carrier(), why);
    failures = Math.min(failures + 1, MAX_DOUBLINGS);
  }

  private void pause() {
    double doubled = (double) settings.backoffMin().toNanos() * Math.pow(2, failures - 1);
    double nanos = Math.min(doubled, (double) settings.backoffMax().toNanos());
    double jittered = nanos * (0.5 + ThreadLocalRandom.current().nextDouble() / 2);
    try {
      TimeUnit.NANOSECONDS.sleep((long) jittered);
    } catch (InterruptedException e) {
      // close() says so
    }
  }

  private void serve(SmppSession bound) {
    long sinceNanos = System.nanoTime();
    while (bound.isBound() && !closing) {
      runOne();
      if (failures > 0 && hasHeld(sinceNanos)) {
        LOG.info("Carrier {} is bound again", settings.carrier());
        failures = 0;
      }
    }
    if (!closing && !hasHeld(sinceNanos)) failed("the bind did not hold");
    long giveUpNanos = System.nanoTime() + settings.responseTimeout().toNanos();
    while (bound.isBound() && inFlight.get() > 0 && System.nanoTime() - giveUpNanos < 0) runOne();
    if (bound.isBound()) bound.unbindAndClose();
  }

  private boolean hasHeld(long sinceNanos) {
    long longest = Math.min(settings.backoffMax().toNanos(), HELD_NANOS);
    return System.nanoTime() - sinceNanos >= longest;
  }

  private void runOne() {
    try {
      Runnable task = tasks.poll(100, TimeUnit.MILLISECONDS);
      if (task != null) task.run();
    } catch (InterruptedException e) {
      // nobody means this thread once it is bound
    } catch (RuntimeException e) {
      LOG.error("A task of carrier {} failed; this is a defect", settings.carrier(), e);
    }
  }
}
