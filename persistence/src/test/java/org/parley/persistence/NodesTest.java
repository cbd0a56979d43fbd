package org.parley.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.persistence.lease.Coordination;
import org.parley.persistence.lease.CoordinationSettings;

/** Many ask who holds the lease; a database that answers when the test lets it. */
class NodesTest {
  private static final int ASKERS = 20;

  private final CountDownLatch answers = new CountDownLatch(1);
  private final AtomicInteger lookUps = new AtomicInteger();
  private final Coordination coordination =
      Coordination.open(CoordinationSettings.of(ConfigFactory.load()), database());

  @AfterEach
  void close() {
    answers.countDown();
    coordination.close();
  }

  @Test
  void howeverManyAskWhoHoldsTheLeaseHeartbeatsFindAThread() throws Exception {
    Nodes nodes = new Nodes(coordination);
    List<CompletableFuture<?>> asked = new ArrayList<>();
    for (int i = 0; i < ASKERS; i++) {
      asked.add(nodes.splitBrainLease("parley").toCompletableFuture());
    }
    assertThat(coordination.threads().submit(() -> "beat").get(20, TimeUnit.SECONDS))
        .isEqualTo("beat");
    answers.countDown();
    for (CompletableFuture<?> each : asked) assertThat(each).failsWithin(20, TimeUnit.SECONDS);
    assertThat(lookUps).hasValue(1);
    assertThat(nodes.splitBrainLease("parley").toCompletableFuture())
        .as("who asks later is told what is so then")
        .failsWithin(20, TimeUnit.SECONDS);
    assertThat(lookUps).hasValue(2);
  }

  private DataSource database() {
    return (DataSource)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, arguments) -> {
              lookUps.incrementAndGet();
              answers.await();
              throw new SQLException("the database is away");
            });
  }
}
