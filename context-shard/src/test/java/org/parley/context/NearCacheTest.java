package org.parley.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.Test;
import org.parley.context.api.CachedContext;
import org.parley.context.api.CustomerContexts;
import org.parley.context.spi.ContextSource;
import org.parley.core.api.CustomerContext;
import org.parley.core.api.CustomerView;
import org.parley.core.api.Profile;
import org.parley.core.api.RefusedException;

class NearCacheTest {
  private static final String ADA = "ada";

  private final AtomicLong nanos = new AtomicLong();
  private final HandSource source = new HandSource();
  private final NearCache cache = cache(1000, 100);

  @Test
  void theSecondReadIsAnsweredFromTheCacheAndSaysHowOldItIs() {
    CompletionStage<CachedContext> first = cache.context(ADA);
    source.answerNext(1);
    assertThat(now(first).cached()).isFalse();

    passes(Duration.ofSeconds(7));
    CachedContext second = now(cache.context(ADA));

    assertThat(second.cached()).isTrue();
    assertThat(second.age()).isEqualTo(Duration.ofSeconds(7));
    assertThat(second.context().customer().version()).isEqualTo(1);
    assertThat(source.asked).isEqualTo(1);
  }

  @Test
  void anAnswerOlderThanItsTimeToLiveIsNotGiven() {
    CompletionStage<CachedContext> unused = cache.context(ADA);
    passes(Duration.ofSeconds(50));
    source.answerNext(1); // a slow load: its answer was true 50 s ago

    passes(Duration.ofSeconds(10));
    CompletionStage<CachedContext> second = cache.context(ADA);
    source.answerNext(2);

    assertThat(now(second).context().customer().version()).isEqualTo(2);
  }

  @Test
  void aWriteMakesTheNextReadAFreshOne() {
    CompletionStage<CachedContext> unused = cache.context(ADA);
    source.answerNext(1);
    cache.forget(ADA);

    CompletionStage<CachedContext> second = cache.context(ADA);
    source.answerNext(2);

    assertThat(now(second).cached()).isFalse();
    assertThat(now(second).context().customer().version()).isEqualTo(2);
  }

  @Test
  void aLoadThatBeganBeforeAWriteIsNotStoredAfterIt() {
    CompletionStage<CachedContext> early = cache.context(ADA);
    cache.forget(ADA);
    source.answerNext(1); // the answer of before the write comes after it

    CompletionStage<CachedContext> late = cache.context(ADA);
    source.answerNext(2);

    assertThat(now(early).context().customer().version()).isEqualTo(1);
    assertThat(now(late).context().customer().version()).isEqualTo(2);
    assertThat(now(cache.context(ADA)).context().customer().version()).isEqualTo(2);
  }

  @Test
  void whoComesAfterAWriteDoesNotJoinALoadFromBeforeIt() {
    CompletionStage<CachedContext> early = cache.context(ADA);
    cache.forget(ADA);
    CompletionStage<CachedContext> late = cache.context(ADA);
    assertThat(source.asked).isEqualTo(2);

    source.answerLast(2); // the later question is answered first
    source.answerNext(1);

    assertThat(now(early).context().customer().version()).isEqualTo(1);
    assertThat(now(late).context().customer().version()).isEqualTo(2);
    assertThat(now(cache.context(ADA)).context().customer().version()).isEqualTo(2);
  }

  @Test
  void readsAtTheSameTimeShareOneLoad() {
    List<CompletionStage<CachedContext>> reads = new ArrayList<>();
    for (int i = 0; i < 50; i++) reads.add(cache.context(ADA));
    assertThat(source.asked).isEqualTo(1);

    source.answerNext(1);

    assertThat(reads).allSatisfy(r -> assertThat(now(r).context().customer().version()).isOne());
  }

  @Test
  void aFailedLoadIsToldToEveryoneWhoWaitedAndNotKept() {
    CompletionStage<CachedContext> first = cache.context(ADA);
    CompletionStage<CachedContext> joined = cache.context(ADA);
    source.failNext();
    assertThatThrownBy(() -> now(first)).hasRootCauseMessage("no answer");
    assertThatThrownBy(() -> now(joined)).hasRootCauseMessage("no answer");

    CompletionStage<CachedContext> second = cache.context(ADA);
    source.answerNext(1);

    assertThat(now(second).context().customer().version()).isEqualTo(1);
  }

  @Test
  void moreLoadsThanAllowedAreRefusedAsBusy() {
    NearCache small = cache(1000, 2);
    CompletionStage<CachedContext> one = small.context("a");
    CompletionStage<CachedContext> two = small.context("b");

    assertThatThrownBy(() -> now(small.context("c"))).hasCauseInstanceOf(RefusedException.class);
    CompletionStage<CachedContext> again = small.context("a");

    assertThat(List.of(one, two, again)).noneMatch(r -> r.toCompletableFuture().isDone());
  }

  @Test
  void noMoreCustomersThanAllowedAreKept() {
    NearCache small = cache(10, 100);
    for (int i = 0; i < 100; i++) {
      CompletionStage<CachedContext> unused = small.context("c" + i);
      source.answerNext(1);
    }
    int before = source.asked;
    for (int i = 0; i < 100; i++) {
      if (!small.context("c" + i).toCompletableFuture().isDone()) source.answerNext(1);
    }

    assertThat(source.asked - before).isGreaterThanOrEqualTo(90);
  }

  @Test
  void aReaderNeverSeesLessThanWhatWasWrittenBeforeItAsked() throws Exception {
    AtomicLong written = new AtomicLong();
    ExecutorService later = Executors.newSingleThreadExecutor();
    ContextSource live = new CountingSource(written, later);
    NearCache racing =
        new NearCache(
            live,
            new CacheSettings(Duration.ofSeconds(60), 1000, 100),
            new CacheMetrics(),
            System::nanoTime);
    CountDownLatch go = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      Future<?> writer =
          threads.submit(
              () -> {
                go.await();
                for (int i = 0; i < 1_000; i++) {
                  written.incrementAndGet();
                  racing.forget(ADA);
                  long acknowledged = written.get();
                  long seen = now(racing.context(ADA)).context().customer().version();
                  assertThat(seen).isGreaterThanOrEqualTo(acknowledged);
                }
                return null;
              });
      List<Future<?>> readers = new ArrayList<>();
      for (int r = 0; r < 2; r++) {
        readers.add(
            threads.submit(
                () -> {
                  go.await();
                  while (!writer.isDone()) {
                    CachedContext unused = now(racing.context(ADA));
                  }
                  return null;
                }));
      }
      go.countDown();
      writer.get(30, TimeUnit.SECONDS);
      for (Future<?> reader : readers) reader.get(30, TimeUnit.SECONDS);
    } finally {
      threads.shutdownNow();
      later.shutdownNow();
    }
  }

  @Test
  void aStartedShardListensToWritesUntilItsSystemEnds() {
    ActorTestKit kit = ActorTestKit.create(ConfigFactory.load());
    CustomerContexts contexts = ContextShard.start(kit.system(), source);
    CompletionStage<CachedContext> first = contexts.context(ADA);
    source.answerNext(1);
    assertThat(now(first).cached()).isFalse();

    source.written(ADA);
    CompletionStage<CachedContext> second = contexts.context(ADA);
    source.answerNext(2);
    assertThat(now(second).context().customer().version()).isEqualTo(2);

    kit.shutdownTestKit();
    assertThat(source.closed.orTimeout(10, TimeUnit.SECONDS).join()).isTrue();
  }

  @Test
  void aSettingOutOfBoundsIsNamedWithWhatIsAllowed() {
    assertThatThrownBy(
            () ->
                CacheSettings.from(
                    ConfigFactory.parseString("parley.context.cache.ttl = 2h")
                        .withFallback(ConfigFactory.load())))
        .hasMessage("parley.context.cache.ttl is PT2H; allowed is 0 s to 1 h");
  }

  private NearCache cache(long maxEntries, int maxLoads) {
    CacheSettings settings = new CacheSettings(Duration.ofSeconds(60), maxEntries, maxLoads);
    return new NearCache(source, settings, new CacheMetrics(), nanos::get);
  }

  private void passes(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private static CachedContext now(CompletionStage<CachedContext> read) {
    return read.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
  }

  private static CustomerContext contextOf(String customerId, long version) {
    return new CustomerContext(
        new CustomerView(customerId, version, Profile.EMPTY, Map.of()),
        List.of(),
        List.of(),
        Optional.empty(),
        Instant.EPOCH);
  }

  /** Answers when the test says so. */
  private static final class HandSource implements ContextSource {
    private record Question(String customerId, CompletableFuture<CustomerContext> answer) {}

    private final List<Question> open = new ArrayList<>();
    private final CompletableFuture<Boolean> closed = new CompletableFuture<>();
    private Consumer<String> listener = id -> {};
    private int asked;

    @Override
    public CompletionStage<CustomerContext> context(String customerId) {
      asked++;
      Question question = new Question(customerId, new CompletableFuture<>());
      open.add(question);
      return question.answer;
    }

    @Override
    public AutoCloseable onChange(Consumer<String> whom) {
      listener = whom;
      return () -> closed.complete(true);
    }

    void written(String customerId) {
      listener.accept(customerId);
    }

    void answerNext(long version) {
      answer(open.remove(0), version);
    }

    void answerLast(long version) {
      answer(open.remove(open.size() - 1), version);
    }

    void failNext() {
      open.remove(0).answer.completeExceptionally(new IllegalStateException("no answer"));
    }

    private static void answer(Question question, long version) {
      question.answer.complete(contextOf(question.customerId, version));
    }
  }

  /** Answers with what is written, a little later and on another thread. */
  private record CountingSource(AtomicLong written, Executor later) implements ContextSource {
    @Override
    public CompletionStage<CustomerContext> context(String customerId) {
      long seen = written.get();
      return CompletableFuture.supplyAsync(() -> contextOf(customerId, seen), later);
    }

    @Override
    public AutoCloseable onChange(Consumer<String> listener) {
      return () -> {};
    }
  }
}
