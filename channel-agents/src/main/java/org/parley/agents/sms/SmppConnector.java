package org.parley.agents.sms;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import kamon.Kamon;
import kamon.metric.Gauge;
import org.jspecify.annotations.Nullable;
import org.parley.agents.settings.Checked;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;
import org.parley.core.api.RenderedMessage;
import org.parley.core.api.SmsText;
import org.parley.core.spi.AgentTools;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Connector;
import org.parley.core.spi.Inbound;
import org.parley.core.spi.SubmissionStore.Submission;

/**
 * Speaks SMPP 3.4 over a few transceiver binds, which it makes at once and makes again when they
 * end. A submission is durable before its submit_sm, and the carrier's id before its acceptance is
 * told. What comes back over the binds is answered when it is durable.
 */
public final class SmppConnector implements Connector {
  private static final Pattern E164 = Pattern.compile("\\+[1-9][0-9]{6,14}");
  private static final long TICK_MILLIS = 20;

  private final SmppSettings settings;
  private final AgentTools tools;
  private final InstantSource clock;
  private final ScheduledExecutorService timer;
  private final AimdPace pace;
  private final Gauge sessions;
  private final Deliveries deliveries;
  private final List<SmppLink> links = new ArrayList<>();

  // Guarded by itself: at most what the lane lets on the wire.
  private final ArrayDeque<Sending> waiting = new ArrayDeque<>();
  private volatile boolean closing;

  /** Reads a carrier's part of the configuration, and starts to bind. */
  public static SmppConnector open(
      String carrier, Checked config, AgentTools tools, InstantSource clock) {
    SmppConnector connector = new SmppConnector(SmppSettings.read(carrier, config), tools, clock);
    connector.start();
    return connector;
  }

  /** Reads a carrier's settings, to find a bad one. */
  public static void check(String carrier, Checked config) {
    SmppSettings unused = SmppSettings.read(carrier, config);
  }

  private SmppConnector(SmppSettings settings, AgentTools tools, InstantSource clock) {
    this.settings = settings;
    this.tools = tools;
    this.clock = clock;
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "parley-smpp-" + settings.carrier());
              thread.setDaemon(true);
              return thread;
            });
    this.pace = new AimdPace(settings.perSecond(), System.nanoTime());
    this.sessions = Kamon.gauge("parley.sms.sessions").withTag("carrier", settings.carrier());
    OddThings odd = new OddThings(settings.carrier());
    this.deliveries = new Deliveries(settings, tools.inbound(), odd, clock, timer);
    for (int i = 0; i < settings.sessions(); i++) {
      links.add(new SmppLink(settings, i, odd, deliveries::take, this::linkChanged));
    }
  }

  private void start() {
    links.forEach(SmppLink::start);
    var unused =
        timer.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public String carrier() {
    return settings.carrier();
  }

  @Override
  public Channel channel() {
    return Channel.SMS;
  }

  @Override
  public CompletionStage<Outcome> send(Attempt attempt) {
    if (!E164.matcher(attempt.address()).matches()) {
      return rejected("badAddress", "it is not a number in the form of E.164");
    }
    RenderedMessage message;
    try {
      message = tools.renderer().apply(attempt);
    } catch (RuntimeException e) {
      return rejected("template", "the template cannot be filled in");
    }
    String words = message.text().orElse("");
    if (words.isBlank()) return rejected("emptyMessage", "the message has no text");
    SmsText text = SmsText.of(words);
    if (text.segments().size() > settings.maxSegments()) {
      return rejected(
          "messageTooLarge",
          text.segments().size() + " segments; allowed are " + settings.maxSegments());
    }
    Sending sending = new Sending(this, attempt, text);
    var unused = submitting(attempt).whenComplete((done, failure) -> stored(sending, failure));
    return sending.outcome();
  }

  private CompletionStage<Void> submitting(Attempt attempt) {
    try {
      return tools
          .submissions()
          .submitting(
              new Submission(
                  carrier(),
                  attempt.id(),
                  attempt.customer(),
                  Sending.reference(attempt),
                  attempt.address(),
                  now()));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void stored(Sending sending, @Nullable Throwable failure) {
    if (failure != null) {
      sending.settle(
          Outcome.notSent(carrier(), "notStored", "the submission could not be written down"));
      return;
    }
    synchronized (waiting) {
      waiting.addLast(sending);
    }
    roomCame();
  }

  /** The carrier has it all: that is durable before it is told. */
  void accepted(Sending sending, String messageId) {
    if (messageId.isEmpty()) {
      sending.settle(Outcome.accepted(carrier(), Optional.empty()));
      return;
    }
    String carrierRef = settings.receiptIds().ofSubmit(messageId);
    CompletionStage<List<Inbound.Receipt>> durable;
    try {
      durable = tools.submissions().accepted(carrier(), sending.attempt().id(), carrierRef);
    } catch (RuntimeException e) {
      durable = CompletableFuture.failedFuture(e);
    }
    var unused =
        durable.whenComplete(
            (early, failure) -> {
              if (failure != null) {
                sending.settle(
                    Outcome.unknown(
                        carrier(), "notStored", "accepted, but its id could not be written down"));
                return;
              }
              sending.settle(Outcome.accepted(carrier(), Optional.of(carrierRef)));
              early.forEach(deliveries::cameEarly);
            });
  }

  /** It goes on as soon as a session and the pace allow, before those that have not begun. */
  void again(Sending sending) {
    synchronized (waiting) {
      waiting.addFirst(sending);
    }
    roomCame();
  }

  void throttled() {
    pace.throttled(System.nanoTime());
  }

  /** Sends what waits, as far as sessions and the pace allow. */
  void roomCame() {
    while (true) {
      synchronized (waiting) {
        if (waiting.isEmpty()) return;
        SmppLink link = roomiest();
        if (link == null || !pace.tryTake(System.nanoTime())) break;
        link.submit(waiting.removeFirst());
      }
    }
    if (closing || isHopeless()) giveUp(closing ? "shuttingDown" : "connectFailed");
  }

  private void linkChanged(boolean lost) {
    if (lost) deliveries.connectionLost();
    sessions.update(boundSessions());
    roomCame();
  }

  SmppSettings settings() {
    return settings;
  }

  Instant now() {
    return clock.instant();
  }

  /** How many binds stand, for those who watch. */
  int boundSessions() {
    return (int) links.stream().filter(SmppLink::isBound).count();
  }

  /** The pace that is allowed now, for those who watch. */
  double pacePerSecond() {
    return pace.perSecond(System.nanoTime());
  }

  private @Nullable SmppLink roomiest() {
    if (closing) return null;
    SmppLink best = null;
    int most = 0;
    for (SmppLink link : links) {
      int room = link.room();
      if (room > most) {
        most = room;
        best = link;
      }
    }
    return best;
  }

  private boolean isHopeless() {
    return links.stream().allMatch(link -> !link.isBound() && link.isFailing());
  }

  private void giveUp(String reason) {
    List<Sending> all;
    synchronized (waiting) {
      all = new ArrayList<>(waiting);
      waiting.clear();
    }
    for (Sending sending : all) sending.giveUp(reason);
  }

  private void tick() {
    long nowNanos = System.nanoTime();
    Instant now = now();
    long nowMillis = now.toEpochMilli();
    List<Sending> overdue = new ArrayList<>();
    synchronized (waiting) {
      waiting.removeIf(
          sending -> sending.overdue(nowNanos, nowMillis) != null && overdue.add(sending));
    }
    for (Sending sending : overdue) {
      String reason = sending.overdue(nowNanos, nowMillis);
      sending.giveUp(reason == null ? "noSession" : reason);
    }
    for (SmppLink link : links) link.sweep();
    deliveries.sweep(now);
    roomCame();
  }

  private CompletionStage<Outcome> rejected(String reason, String detail) {
    return CompletableFuture.completedFuture(Outcome.rejected(carrier(), reason, detail));
  }

  @Override
  public void close() {
    closing = true;
    links.forEach(SmppLink::close);
    giveUp("shuttingDown");
    // The timer goes on until what is under way is answered, and then stops by itself.
    long millis = settings.responseTimeout().plusSeconds(1).toMillis();
    var unused = timer.schedule(timer::shutdownNow, millis, TimeUnit.MILLISECONDS);
  }
}
