package org.parley.core.run;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.parley.core.api.Audience;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Page;
import org.parley.core.api.Profile;
import org.parley.core.api.Reject;
import org.parley.core.conversation.ConversationCommand.Engage;
import org.parley.core.conversation.ConversationCommand.Verdict;
import org.parley.core.spi.AudienceStore;
import org.parley.core.spi.AudienceWriter;
import org.parley.core.spi.Member;
import org.parley.core.spi.RunStore;

/**
 * Runs with real timers on a clock that a test turns, stores in memory, and conversations that
 * answer what a test says.
 */
final class RunDesk implements AutoCloseable {
  static final Duration BEAT = Duration.ofMillis(50);
  static final RunSettings SETTINGS =
      new RunSettings(
          8, 10, 30, Duration.ofMillis(500), Duration.ofSeconds(15), Duration.ofMillis(500), 2);

  // One for all tests of the JVM: with a clock that stands still, an end of a kit takes a second.
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          ManualTime.config()
              .withFallback(ConfigFactory.parseString("pekko.daemonic = on"))
              .withFallback(ConfigFactory.load()));
  private static final ManualTime TIME = ManualTime.get(KIT.system());

  private final List<ActorRef<Object>> spawned = new ArrayList<>();
  final Audiences audiences = new Audiences();
  final Runs runs = new Runs();
  final List<Engage> asked = new CopyOnWriteArrayList<>();

  /** What each conversation answers; nothing when empty. */
  volatile Function<Engage, Optional<Verdict.Kind>> answers =
      ask -> Optional.of(Verdict.Kind.SETTLED);

  private volatile Instant now = Instant.parse("2026-11-24T10:00:00Z");

  SliceRun.Parts parts() {
    return new SliceRun.Parts(SETTINGS, audiences, runs, this::tell, () -> now);
  }

  ActorRef<Object> spawn(Behavior<Object> run) {
    ActorRef<Object> actor = KIT.spawn(run);
    spawned.add(actor);
    return actor;
  }

  void stop(ActorRef<Object> run) {
    KIT.stop(run);
  }

  void awaitEnd(ActorRef<Object> run) {
    KIT.createTestProbe().expectTerminated(run);
  }

  private void tell(CustomerKey customer, ConversationMessage message) {
    Engage ask = (Engage) message;
    asked.add(ask);
    answers.apply(ask).ifPresent(kind -> answer(ask, kind));
  }

  static void answer(Engage ask, Verdict.Kind kind) {
    ask.replyTo().tell(new Verdict(ask.key(), "c" + ask.position(), ask.position(), kind));
  }

  void pass(Duration span) {
    now = now.plus(span);
    TIME.timePasses(span);
  }

  List<Long> positions() {
    return asked.stream().map(Engage::position).toList();
  }

  static List<Member> members(int count) {
    return LongStream.rangeClosed(1, count)
        .mapToObj(position -> new Member(position, "c" + position, Profile.EMPTY))
        .toList();
  }

  static List<Long> upTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }

  /** The members of one slice; the store is asked for nothing else. */
  static final class Audiences implements AudienceStore {
    final List<Member> members = new ArrayList<>();
    final AtomicInteger failures = new AtomicInteger();
    final AtomicInteger reads = new AtomicInteger();

    @Override
    public CompletionStage<List<Member>> members(
        String audienceId, int slice, long afterPosition, int limit) {
      reads.incrementAndGet();
      if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        return CompletableFuture.failedFuture(new IllegalStateException("away"));
      }
      return CompletableFuture.completedFuture(
          members.stream().filter(m -> m.position() > afterPosition).limit(limit).toList());
    }

    @Override
    public CompletionStage<Long> count(String audienceId, int slice) {
      return CompletableFuture.completedFuture((long) members.size());
    }

    @Override
    public CompletionStage<Audience> create(String tenant, String audienceId, String name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Optional<Audience>> find(String tenant, String audienceId) {
      throw new UnsupportedOperationException();
    }

    @Override
    public AudienceWriter openWriter(String tenant, String audienceId) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Page<Reject>> rejects(
        String tenant, String audienceId, Optional<String> cursor, int limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Optional<Audience>> freeze(String tenant, String audienceId) {
      throw new UnsupportedOperationException();
    }
  }

  /** Cursors of the first slice by campaign. */
  static final class Runs implements RunStore {
    final Map<String, RunStore.SliceRun> open = new ConcurrentHashMap<>();
    final List<Long> cursors = new CopyOnWriteArrayList<>();
    final List<String> completed = new CopyOnWriteArrayList<>();
    final AtomicInteger failures = new AtomicInteger();
    final AtomicInteger looks = new AtomicInteger();

    /** The most looks that were under way at a time. */
    final AtomicInteger atOnce = new AtomicInteger();

    private final AtomicInteger underWay = new AtomicInteger();

    /** Looks at the open runs are answered once this is. */
    volatile CompletableFuture<Boolean> until = CompletableFuture.completedFuture(true);

    RunStore.SliceRun put(String campaignId, CampaignStatus status, Optional<Integer> perSecond) {
      RunStore.SliceRun known = open.get(campaignId);
      RunStore.SliceRun run =
          new RunStore.SliceRun(
              campaignId,
              "default",
              "aud_1",
              0,
              known == null ? 0 : known.cursor(),
              status,
              perSecond);
      open.put(campaignId, run);
      return run;
    }

    /** The durable cursor of a run that is open. */
    long cursor(String campaignId) {
      return Objects.requireNonNull(open.get(campaignId)).cursor();
    }

    @Override
    public CompletionStage<List<RunStore.SliceRun>> open(int slice) {
      looks.incrementAndGet();
      atOnce.accumulateAndGet(underWay.incrementAndGet(), Math::max);
      return until.thenApply(
          free -> {
            underWay.decrementAndGet();
            return open.values().stream()
                .sorted(java.util.Comparator.comparing(RunStore.SliceRun::campaignId))
                .toList();
          });
    }

    @Override
    public CompletionStage<Void> advance(
        String campaignId, int slice, long cursor, boolean finished) {
      if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        return CompletableFuture.failedFuture(new IllegalStateException("away"));
      }
      cursors.add(cursor);
      open.computeIfPresent(
          campaignId,
          (id, run) ->
              finished
                  ? null
                  : new RunStore.SliceRun(
                      id,
                      run.tenant(),
                      run.audienceId(),
                      run.slice(),
                      Math.max(run.cursor(), cursor),
                      run.status(),
                      run.ratePerSecond()));
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<List<String>> completed() {
      return CompletableFuture.completedFuture(List.copyOf(completed));
    }
  }

  @Override
  public void close() {
    spawned.forEach(KIT::stop);
  }
}
