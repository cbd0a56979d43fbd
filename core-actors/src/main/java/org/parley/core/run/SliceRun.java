package org.parley.core.run;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.StepKey;
import org.parley.core.campaign.Allowance;
import org.parley.core.conversation.ConversationCommand.Engage;
import org.parley.core.conversation.ConversationCommand.Verdict;
import org.parley.core.spi.AudienceStore;
import org.parley.core.spi.Member;
import org.parley.core.spi.RunStore;

/**
 * Takes one slice of one campaign's audience through its conversations: reads a page, asks each
 * conversation with bounded parallelism, and moves the durable cursor only over contiguous
 * acknowledgements. A crash repeats what was open and skips nobody; the conversations know who asks
 * again.
 */
public final class SliceRun extends AbstractBehavior<Object> {

  /** What a run needs of the node. */
  public record Parts(
      RunSettings settings,
      AudienceStore audiences,
      RunStore runs,
      BiConsumer<CustomerKey, ConversationMessage> conversations,
      InstantSource clock) {}

  private enum Tick {
    PACE,
    LATE,
    CURSOR,
    READ
  }

  private record PageRead(List<Member> members, Optional<String> failure) {}

  private record CursorWritten(long cursor, boolean finished, boolean failed) {}

  private static final Duration PACE = Duration.ofMillis(50);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final int MIN_PARALLELISM = 4;

  private final Parts parts;
  private final RunStore.SliceRun run;
  private final StepKey firstStep;
  private final TimerScheduler<Object> timers;
  private final ActorRef<Verdict> verdicts;
  private final Window window;
  private final Optional<Allowance> allowance;
  private int parallelism;
  private long readTo;
  private boolean reading;
  private boolean readAll;
  private long durable;
  private boolean writing;

  /**
   * A run of one slice.
   *
   * @param share which part of the campaign's rate is this slice's, more than 0 and at most 1: with
   *     its part of the audience all slices end together
   */
  static Behavior<Object> create(
      Parts parts, RunStore.SliceRun run, String firstStepId, double share) {
    Optional<Double> perSecond = run.ratePerSecond().map(rate -> rate * share);
    StepKey firstStep = new StepKey(run.campaignId(), firstStepId);
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new SliceRun(context, timers, parts, run, firstStep, perSecond)));
  }

  private SliceRun(
      ActorContext<Object> context,
      TimerScheduler<Object> timers,
      Parts parts,
      RunStore.SliceRun run,
      StepKey firstStep,
      Optional<Double> perSecond) {
    super(context);
    this.parts = parts;
    this.run = run;
    this.firstStep = firstStep;
    this.timers = timers;
    this.verdicts = context.getSelf().narrow();
    this.window = new Window(run.cursor());
    this.readTo = run.cursor();
    this.durable = run.cursor();
    this.parallelism = parts.settings().parallelism();
    Instant now = parts.clock().instant();
    this.allowance = perSecond.map(rate -> new Allowance(rate, now));
    timers.startTimerWithFixedDelay(Tick.LATE, parts.settings().askAgainAfter().dividedBy(4));
    timers.startTimerWithFixedDelay(Tick.CURSOR, parts.settings().cursorEvery());
    timers.startTimerWithFixedDelay(Tick.PACE, PACE);
    read();
  }

  @Override
  public Receive<Object> createReceive() {
    return newReceiveBuilder()
        .onMessage(Verdict.class, this::onVerdict)
        .onMessage(PageRead.class, this::onPage)
        .onMessage(CursorWritten.class, this::onCursorWritten)
        .onMessage(Tick.class, this::onTick)
        .build();
  }

  private Behavior<Object> onVerdict(Verdict verdict) {
    if (verdict.kind().acknowledges()) {
      window.acknowledge(verdict.position());
      if (parallelism < parts.settings().parallelism()) parallelism++;
      ask();
    } else {
      // No room, or the campaign rests: come back more slowly, at the next beat.
      if (window.putBack(verdict.position())) allowance.ifPresent(Allowance::giveBack);
      parallelism = Math.max(MIN_PARALLELISM, parallelism * 3 / 4);
    }
    return endWhenDone();
  }

  private Behavior<Object> onPage(PageRead page) {
    if (page.failure().isPresent()) {
      getContext().getLog().warn("run: the audience cannot be read: {}", page.failure().get());
      timers.startSingleTimer(Tick.READ, RETRY);
      return this;
    }
    reading = false;
    List<Member> members = page.members();
    window.add(members);
    readAll = members.size() < parts.settings().page();
    if (!members.isEmpty()) readTo = members.get(members.size() - 1).position();
    ask();
    return endWhenDone();
  }

  private Behavior<Object> onTick(Tick tick) {
    switch (tick) {
      case PACE -> ask();
      case LATE -> {
        Instant now = parts.clock().instant();
        Instant late = now.minus(parts.settings().askAgainAfter());
        for (Member member : window.askedBefore(late, now)) engage(member);
      }
      case CURSOR -> writeCursor();
      case READ -> {
        reading = false;
        read();
      }
    }
    return endWhenDone();
  }

  private void ask() {
    Instant now = parts.clock().instant();
    allowance.ifPresent(a -> a.growTo(now));
    while (window.asked() < parallelism && allowance.map(Allowance::allows).orElse(true)) {
      Member member = window.next(now);
      if (member == null) break;
      allowance.ifPresent(Allowance::take);
      engage(member);
    }
    boolean room = window.size() + parts.settings().page() <= parts.settings().window();
    if (window.ready() < parallelism && room) read();
  }

  private void engage(Member member) {
    CustomerKey customer = new CustomerKey("main", run.tenant(), member.customerId());
    parts
        .conversations()
        .accept(customer, new Engage(firstStep, member.profile(), member.position(), verdicts));
  }

  private void read() {
    if (reading || readAll) return;
    reading = true;
    getContext()
        .pipeToSelf(
            parts
                .audiences()
                .members(run.audienceId(), run.slice(), readTo, parts.settings().page()),
            (members, failure) ->
                members != null
                    ? new PageRead(members, Optional.empty())
                    : new PageRead(List.of(), Optional.of(reason(failure))));
  }

  private void writeCursor() {
    boolean finished = readAll && window.size() == 0;
    if (writing || (window.cursor() == durable && !finished)) return;
    writing = true;
    long cursor = window.cursor();
    getContext()
        .pipeToSelf(
            parts.runs().advance(run.campaignId(), run.slice(), cursor, finished),
            (done, failure) -> new CursorWritten(cursor, finished, failure != null));
  }

  private Behavior<Object> onCursorWritten(CursorWritten written) {
    writing = false;
    if (written.failed()) return this; // the next beat tries again
    durable = written.cursor();
    return written.finished() ? Behaviors.stopped() : this;
  }

  private Behavior<Object> endWhenDone() {
    if (readAll && window.size() == 0) writeCursor();
    return this;
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : null;
    return String.valueOf(cause == null ? failure : cause.getMessage());
  }
}
