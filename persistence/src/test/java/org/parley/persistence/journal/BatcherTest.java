package org.parley.persistence.journal;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatcherTest {
  private record Ask(int number, CompletableFuture<Integer> answer) implements Batcher.Item {
    Ask(int number) {
      this(number, new CompletableFuture<>());
    }

    @Override
    public int weight() {
      return 1;
    }

    @Override
    public void fail(Throwable cause) {
      answer.completeExceptionally(cause);
    }

    Integer get() throws Exception {
      return answer.get(10, SECONDS);
    }
  }

  private static final class Connections extends HikariDataSource {
    @Override
    public Connection getConnection() throws SQLException {
      return (Connection)
          Proxy.newProxyInstance(
              BatcherTest.class.getClassLoader(),
              new Class<?>[] {Connection.class},
              (proxy, method, arguments) -> null);
    }
  }

  private static Batcher<Ask> batcher(Duration giveUp, int queue, Batcher.Work<Ask> work) {
    return new Batcher<>(
        new Batcher.Limits(
            "journal", "test", 1, 64, queue, Duration.ZERO, giveUp, Duration.ofMillis(10)),
        new Connections(),
        work);
  }

  private static List<Ask> done(List<Ask> batch) {
    batch.forEach(ask -> ask.answer().complete(ask.number()));
    return List.of();
  }

  @Test
  void whatWaitsIsDoneInOneGoAndInOrder() throws Exception {
    List<List<Integer>> batches = new CopyOnWriteArrayList<>();
    CountDownLatch gate = new CountDownLatch(1);
    Batcher.Work<Ask> work =
        (connection, batch, doubtful) -> {
          batches.add(batch.stream().map(Ask::number).toList());
          await(gate);
          return done(batch);
        };
    try (Batcher<Ask> batcher = batcher(Duration.ofSeconds(5), 100, work)) {
      List<Ask> asks = new ArrayList<>();
      asks.add(added(batcher, 0));
      while (batches.isEmpty()) Thread.onSpinWait();
      for (int i = 1; i <= 50; i++) asks.add(added(batcher, i));
      gate.countDown();
      for (Ask ask : asks) assertThat(ask.get()).isEqualTo(ask.number());
      assertThat(batches)
          .containsExactly(List.of(0), IntStream.rangeClosed(1, 50).boxed().toList());
    }
  }

  @Test
  void onlyTheGuiltyItemFails() throws Exception {
    Batcher.Work<Ask> work =
        (connection, batch, doubtful) -> {
          if (batch.stream().anyMatch(ask -> ask.number() == 13)) {
            throw new SQLException("no thirteen", "23514");
          }
          return done(batch);
        };
    try (Batcher<Ask> batcher = batcher(Duration.ofSeconds(5), 100, work)) {
      List<Ask> asks = IntStream.range(0, 60).mapToObj(i -> added(batcher, i)).toList();
      for (Ask ask : asks) {
        if (ask.number() == 13) {
          assertThatThrownBy(ask::get).hasMessageContaining("no thirteen");
        } else {
          assertThat(ask.get()).isEqualTo(ask.number());
        }
      }
    }
  }

  @Test
  void anErrorFailsItsBatchAndTheNextOneIsDone() throws Exception {
    Batcher.Work<Ask> work =
        (connection, batch, doubtful) -> {
          if (batch.get(0).number() == 1) throw new NoClassDefFoundError("half an upgrade");
          return done(batch);
        };
    try (Batcher<Ask> batcher = batcher(Duration.ofSeconds(5), 100, work)) {
      assertThatThrownBy(added(batcher, 1)::get).hasCauseInstanceOf(NoClassDefFoundError.class);
      assertThat(added(batcher, 2).get()).isEqualTo(2);
    }
  }

  @Test
  void aMachineThatIsBrokenEndsTheThreadOnceItsBatchWasTold() {
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    Batcher.Work<Ask> work =
        (connection, batch, doubtful) -> {
          Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> end.complete(e));
          throw new InternalError("broken");
        };
    try (Batcher<Ask> batcher = batcher(Duration.ofSeconds(5), 100, work)) {
      assertThatThrownBy(added(batcher, 1)::get).hasCauseInstanceOf(InternalError.class);
      assertThat(end).succeedsWithin(Duration.ofSeconds(10)).isInstanceOf(InternalError.class);
    }
  }

  @Test
  void aLostConnectionIsTriedAgainAndTheNextTryIsToldOfTheDoubt() throws Exception {
    List<Boolean> doubts = new CopyOnWriteArrayList<>();
    Batcher.Work<Ask> work =
        (connection, batch, doubtful) -> {
          doubts.add(doubtful);
          if (doubts.size() < 3) throw new SQLException("lost", "08006");
          return done(batch);
        };
    try (Batcher<Ask> batcher = batcher(Duration.ofSeconds(5), 100, work)) {
      assertThat(added(batcher, 1).get()).isEqualTo(1);
      assertThat(doubts).containsExactly(false, true, true);
    }
  }

  @Test
  void aDatabaseThatStaysAwayIsGivenUpWithASentence() {
    Batcher.Work<Ask> work =
        (connection, batch, doubtful) -> {
          throw new SQLException("lost", "08006");
        };
    try (Batcher<Ask> batcher = batcher(Duration.ofMillis(50), 100, work)) {
      assertThatThrownBy(added(batcher, 1)::get)
          .hasCauseInstanceOf(TimeoutException.class)
          .hasMessageContaining("The database was away");
    }
  }

  @Test
  void aFullQueueRefusesAtOnce() {
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch started = new CountDownLatch(1);
    Batcher.Work<Ask> work =
        (connection, batch, doubtful) -> {
          started.countDown();
          await(gate);
          return done(batch);
        };
    try (Batcher<Ask> batcher = batcher(Duration.ofSeconds(5), 2, work)) {
      added(batcher, 0);
      await(started);
      added(batcher, 1);
      added(batcher, 2);
      Ask refused = added(batcher, 3);
      assertThat(refused.answer()).isCompletedExceptionally();
      assertThatThrownBy(refused::get)
          .hasMessageContaining("queue of the journal is full (2 wait for test)");
      gate.countDown();
    }
  }

  @Test
  void whatIsNotDoneWhenItClosesFails() {
    CountDownLatch started = new CountDownLatch(1);
    Batcher.Work<Ask> work =
        (connection, batch, doubtful) -> {
          started.countDown();
          throw new SQLException("lost", "08006");
        };
    Batcher<Ask> batcher = batcher(Duration.ofMinutes(5), 10, work);
    Ask ask = added(batcher, 1);
    await(started);
    batcher.close();
    assertThatThrownBy(ask::get).hasMessageContaining("The journal is closed");
    assertThatThrownBy(added(batcher, 2)::get).hasMessageContaining("The journal is closed");
  }

  private static Ask added(Batcher<Ask> batcher, int number) {
    Ask ask = new Ask(number);
    batcher.add(ask);
    return ask;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
