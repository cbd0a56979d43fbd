package org.parley.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.parley.persistence.store.TestStores.get;
import static org.parley.persistence.store.TestStores.number;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.parley.core.api.CarrierOrder;
import org.parley.core.api.Refusal;
import org.parley.core.api.RefusedException;
import org.parley.core.spi.CarrierOrderStore;
import org.parley.core.spi.CarrierOrderStore.Standing;
import org.parley.core.spi.IdempotencyStore;
import org.parley.persistence.Database;
import org.parley.persistence.TestDatabase;

class RequestStoresIT {
  private static final IdempotencyStore.Answer ANSWER =
      new IdempotencyStore.Answer(201, "application/json", "Location: /v1/x", "{\"id\":\"x\"}");
  private static Database database;
  private static PostgresStores stores;
  private static IdempotencyStore idempotency;

  @BeforeAll
  static void start() {
    database = TestDatabase.fresh();
    stores =
        TestStores.on(
            database.requests(),
            Map.of(
                "parley.stores.idempotency.purge-interval",
                "1 s",
                "parley.stores.report-timeout",
                "1 s"));
    idempotency = stores.idempotency();
  }

  @AfterAll
  static void stop() {
    stores.close();
    database.close();
  }

  @Test
  void aKeyIsFreshThenRunningThenAnswered() {
    assertThat(get(idempotency.claim("s", "k1", "f"))).isInstanceOf(IdempotencyStore.Fresh.class);
    assertThat(get(idempotency.claim("s", "k1", "f"))).isInstanceOf(IdempotencyStore.Running.class);
    assertThat(get(idempotency.claim("s", "k1", "other")))
        .isInstanceOf(IdempotencyStore.Mismatch.class);
    assertThat(get(idempotency.claim("t", "k1", "f"))).isInstanceOf(IdempotencyStore.Fresh.class);
    get(idempotency.answer("s", "k1", ANSWER));
    assertThat(get(idempotency.claim("s", "k1", "f")))
        .isEqualTo(new IdempotencyStore.Answered(ANSWER));
    assertThat(get(idempotency.claim("s", "k1", "other")))
        .isInstanceOf(IdempotencyStore.Mismatch.class);
  }

  @Test
  void aReportThatTakesTooLongIsGivenUpInASentence() throws SQLException {
    try (Connection other = database.background().getConnection();
        Statement lock = other.createStatement()) {
      other.setAutoCommit(false);
      lock.execute("LOCK TABLE communications IN ACCESS EXCLUSIVE MODE");
      assertThatThrownBy(() -> get(stores.reports().latency("default", "cmp_slow")))
          .isInstanceOfSatisfying(
              RefusedException.class,
              refused -> {
                assertThat(refused.refusal().kind()).isEqualTo(Refusal.Kind.BUSY);
                assertThat(refused.refusal().detail())
                    .isEqualTo("the report takes longer than 1 s");
              });
      other.rollback();
    }
    assertThat(get(stores.reports().latency("default", "cmp_slow")).count()).isZero();
  }

  @Test
  void aKeyThatWasGivenBackOrGivenUpIsFreshAgainAlsoForAnotherRequest() {
    get(idempotency.claim("s", "k2", "f"));
    get(idempotency.release("s", "k2"));
    assertThat(get(idempotency.claim("s", "k2", "g"))).isInstanceOf(IdempotencyStore.Fresh.class);
    TestDatabase.execute(
        database,
        "UPDATE idempotency_keys SET claimed_at = now() - interval '61 s' WHERE key = 'k2'");
    assertThat(get(idempotency.claim("s", "k2", "h"))).isInstanceOf(IdempotencyStore.Fresh.class);
  }

  @Test
  void anAnswerIsForgottenAfterADay() {
    get(idempotency.claim("s", "k3", "f"));
    get(idempotency.answer("s", "k3", ANSWER));
    TestDatabase.execute(
        database,
        "UPDATE idempotency_keys SET claimed_at = now() - interval '25 h' WHERE key = 'k3'");
    org.awaitility.Awaitility.await("the purge of k3")
        .until(
            () ->
                number(
                        database.background(),
                        "SELECT count(*) FROM idempotency_keys WHERE key = 'k3'")
                    == 0);
    assertThat(get(idempotency.claim("s", "k3", "f"))).isInstanceOf(IdempotencyStore.Fresh.class);
  }

  @Test
  void oneOfManyThatClaimAKeyGetsIt() {
    List<CompletionStage<IdempotencyStore.Entry>> claims = new ArrayList<>();
    for (int i = 0; i < 50; i++) claims.add(idempotency.claim("s", "k4", "f"));
    assertThat(claims.stream().map(TestStores::get))
        .filteredOn(entry -> entry instanceof IdempotencyStore.Fresh)
        .hasSize(1);
  }

  @Test
  void aTenantGetsOneFirstKeyAndItOpensOnlyThatTenant() {
    List<CompletionStage<Optional<String>>> made = new ArrayList<>();
    for (int i = 0; i < 10; i++) made.add(stores.apiKeys().createFirst("acme"));
    List<String> keys = made.stream().map(TestStores::get).flatMap(Optional::stream).toList();
    assertThat(keys).hasSize(1).allMatch(key -> key.matches("pk_[A-Za-z0-9_-]{43}"));
    assertThat(get(stores.apiKeys().tenantOf(keys.get(0)))).contains("acme");
    assertThat(get(stores.apiKeys().tenantOf(keys.get(0)))).contains("acme");
    assertThat(get(stores.apiKeys().tenantOf(keys.get(0) + "x"))).isEmpty();
    assertThat(get(stores.apiKeys().tenantOf("Bearer"))).isEmpty();
    assertThat(
            number(
                database.background(),
                "SELECT count(*) FROM api_keys WHERE position('pk_'::bytea IN hash) > 0"))
        .isZero();
  }

  @Test
  void allWhoAskForASecretGetTheSame() {
    List<CompletionStage<byte[]>> asked = new ArrayList<>();
    for (int i = 0; i < 20; i++) asked.add(stores.secrets().secret("unsubscribe"));
    byte[] first = get(asked.get(0));
    assertThat(first).hasSize(32);
    assertThat(asked.stream().map(TestStores::get))
        .allMatch(s -> java.util.Arrays.equals(s, first));
    assertThat(get(stores.secrets().secret("other"))).isNotEqualTo(first);
  }

  @Test
  void everyLifeHasAnEpochOfItsOwnThatIsGreaterThanAllBefore() {
    long first = get(stores.epochs().next());
    assertThat(first).isPositive();
    assertThat(get(stores.epochs().next())).isGreaterThan(first);
    PostgresStores otherNode = TestStores.on(database.requests(), Map.of());
    try {
      assertThat(get(otherNode.epochs().next())).isGreaterThan(first + 1);
    } finally {
      otherNode.close();
    }
  }

  @Test
  void beyondTheQueueTheAnswerIsBusy() throws SQLException {
    PostgresStores small =
        TestStores.on(
            database.requests(), Map.of("parley.stores.threads", 1, "parley.stores.queue", 1));
    try (Connection holder = database.background().getConnection();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("LOCK TABLE secrets IN ACCESS EXCLUSIVE MODE");
      CompletionStage<byte[]> running = small.secrets().secret("a");
      CompletionStage<byte[]> waiting = small.secrets().secret("a");
      // The one thread may not have taken the first yet, so the third may still find a place.
      small.secrets().secret("a");
      assertThatThrownBy(() -> get(small.secrets().secret("a")))
          .isInstanceOfSatisfying(
              RefusedException.class,
              e -> assertThat(e.refusal().kind()).isEqualTo(Refusal.Kind.BUSY));
      holder.rollback();
      assertThat(get(running)).hasSize(32);
      assertThat(waiting).isNotNull();
    } finally {
      small.close();
    }
    get(stores.ping());
  }

  @Test
  void aWrongSettingIsNamedWithWhatIsAllowed() {
    assertThatThrownBy(() -> TestStores.on(database.requests(), Map.of("parley.stores.queue", 0)))
        .hasMessage("parley.stores.queue = 0: allowed is 1 to 1000000");
  }

  @Test
  void theLatestOrderForACarrierIsKept() {
    CarrierOrderStore orders = stores.carrierOrders();
    Instant at = Instant.parse("2026-03-01T10:00:00.123456Z");
    Standing trip = new Standing(CarrierOrder.TRIP, at);
    get(orders.keep("main", new Standing(CarrierOrder.DRAIN, at.minusMillis(1))));
    get(orders.keep("main", trip));
    get(orders.keep("main", new Standing(CarrierOrder.RESUME, at.minusMillis(2))));
    get(orders.keep("other", new Standing(CarrierOrder.RESUME, at)));
    assertThat(get(orders.standing()))
        .containsOnly(entry("main", trip), entry("other", new Standing(CarrierOrder.RESUME, at)));
  }
}
