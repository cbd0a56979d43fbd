package org.parley.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.parley.persistence.store.TestStores.get;
import static org.parley.persistence.store.TestStores.number;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.parley.core.api.AttemptId;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.StepKey;
import org.parley.core.spi.Inbound.Receipt;
import org.parley.core.spi.SubmissionStore;
import org.parley.core.spi.SubmissionStore.Submission;
import org.parley.persistence.Database;
import org.parley.persistence.TestDatabase;

class SubmissionsIT {
  private static Instant now;
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static Database database;
  private static PostgresStores stores;
  private static PostgresStores otherNode;
  private static SubmissionStore store;

  @BeforeAll
  static void start() {
    now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    database = TestDatabase.fresh();
    stores = TestStores.on(database.requests(), Map.of());
    otherNode = TestStores.on(database.requests(), Map.of());
    store = stores.submissions();
  }

  @AfterAll
  static void stop() {
    otherNode.close();
    stores.close();
    database.close();
  }

  @BeforeEach
  void empty() {
    TestDatabase.execute(database, "TRUNCATE submissions, submission_ids, early_receipts");
  }

  private static Submission submission(int reference, String to, Instant at) {
    CustomerKey customer = CustomerKey.of("c" + NUMBERS.incrementAndGet());
    AttemptId attempt = AttemptId.of(customer, StepKey.message("m"), 1);
    return new Submission("smsc", attempt, customer, reference, to, at);
  }

  /** One that is on its way. */
  private static Submission sent(int reference, String to, Instant at) {
    Submission submission = submission(reference, to, at);
    get(store.submitting(submission));
    return submission;
  }

  private static List<Receipt> accept(Submission submission, String id) {
    return get(store.accepted("smsc", submission.attempt(), id));
  }

  private static Receipt receipt(String id, OptionalInt reference, String to) {
    return new Receipt("smsc", id, reference, to, Receipt.State.DELIVERED, Optional.of("ok"), now);
  }

  private static Receipt receipt(String id) {
    return receipt(id, OptionalInt.empty(), "nobody");
  }

  private static Optional<Submission> find(Receipt receipt) {
    return get(store.find(receipt));
  }

  @Test
  void aStatementByIndexIsPlannedSoAndLeavesTheConnectionAsItWas() throws SQLException {
    String setting = "SELECT current_setting('enable_seqscan')";
    try (Connection c = database.requests().getConnection();
        PreparedStatement byIndex = c.prepareStatement(Plans.byIndex(setting));
        PreparedStatement afterwards = c.prepareStatement(setting)) {
      for (int i = 0; i < 10; i++) {
        assertThat(text(Plans.rows(byIndex))).isEqualTo("off");
        assertThat(text(afterwards.executeQuery())).isEqualTo("on");
      }
    }
  }

  private static String text(ResultSet rows) throws SQLException {
    assertThat(rows.next()).isTrue();
    return rows.getString(1);
  }

  @Test
  void theCarriersIdLeadsToItsMessageWhateverElseTheReceiptSays() {
    Submission first = sent(1, "+43664111", now);
    Submission second = sent(2, "+43664222", now);
    assertThat(accept(first, "A1")).isEmpty();
    assertThat(accept(second, "A2")).isEmpty();
    assertThat(find(receipt("A1", OptionalInt.of(2), "+43664222"))).contains(first);
    assertThat(get(otherNode.submissions().find(receipt("A2")))).contains(second);
    Receipt elsewhere =
        new Receipt(
            "other",
            "A1",
            OptionalInt.empty(),
            "nobody",
            Receipt.State.FAILED,
            Optional.empty(),
            now);
    assertThat(find(elsewhere)).isEmpty();
  }

  @Test
  void everyPartOfALongMessageLeadsToIt() {
    Submission message = sent(1, "+43664333", now);
    accept(message, "P1");
    accept(message, "P2");
    assertThat(find(receipt("P1"))).contains(message);
    assertThat(find(receipt("P2"))).contains(message);
  }

  @Test
  void anIdThatACarrierUsesAgainLeadsToTheNewerMessage() {
    Submission older = sent(1, "+43664334", now.minusSeconds(90));
    Submission newer = sent(2, "+43664335", now);
    accept(older, "R1");
    accept(newer, "R1");
    assertThat(find(receipt("R1"))).contains(newer);
  }

  @Test
  void withoutAnIdOurReferenceAndTheNumberLeadToTheNewestMessage() {
    sent(7, "+43664444", now.minusSeconds(60));
    Submission newer = sent(7, "+43664444", now);
    sent(8, "+43664444", now.plusSeconds(1));
    sent(7, "+43664445", now.plusSeconds(1));
    assertThat(find(receipt("B1", OptionalInt.of(7), "43664444"))).contains(newer);
  }

  @Test
  void elseTheOnlyMessageToTheNumberWhoseIdIsNotKnownIsMeant() {
    Submission known = sent(1, "+43664555", now);
    Submission unknown = sent(2, "+43664555", now);
    accept(known, "C1");
    assertThat(find(receipt("C9", OptionalInt.empty(), "+43664555"))).contains(unknown);
    Submission third = sent(3, "+43664555", now);
    assertThat(find(receipt("C8", OptionalInt.empty(), "+43664555"))).isEmpty();
    assertThat(accept(third, "C8"))
        .containsExactly(receipt("C8", OptionalInt.empty(), "+43664555"));
  }

  @Test
  void receiptsThatCameTooEarlyAreHandedOverOldestFirst() {
    Submission message = sent(1, "+43664666", now);
    Receipt delivered = receipt("D1");
    Receipt underWay =
        new Receipt(
            "smsc",
            "D1",
            OptionalInt.of(9),
            "x",
            Receipt.State.UNDER_WAY,
            Optional.empty(),
            now.minusSeconds(5));
    for (Receipt early : List.of(delivered, underWay, delivered)) assertThat(find(early)).isEmpty();
    assertThat(accept(message, "D1")).containsExactly(underWay, delivered);
    assertThat(find(delivered)).contains(message);
  }

  @Test
  void theSameAttemptAndTheSameIdAgainAreFine() {
    Submission message = sent(1, "+43664777", now);
    get(store.submitting(message));
    assertThat(find(receipt("E1"))).isEmpty();
    assertThat(accept(message, "E1")).hasSize(1);
    assertThat(accept(message, "E1")).hasSize(1);
    assertThat(find(receipt("E1"))).contains(message);
    assertThat(number(database.background(), "SELECT count(*) FROM submissions")).isEqualTo(1);
  }

  @Test
  void whatTheDatabaseRefusesFailsAloneAndTheRestOfItsBatchIsWritten() {
    List<CompletionStage<Void>> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      all.add(store.submitting(submission(i, i == 77 ? "+43\0" : "+43664" + i, now)));
    }
    assertThatThrownBy(() -> get(all.get(77))).hasMessageContaining("0x00");
    all.remove(77);
    all.forEach(TestStores::get);
    assertThat(number(database.background(), "SELECT count(*) FROM submissions")).isEqualTo(199);
  }

  /** The race of a receipt with the answer to its message, on two nodes, some hundred times. */
  @Test
  void ofAReceiptAndItsIdThatComeTogetherOneAlwaysSeesTheOther() throws Exception {
    List<Submission> messages = new ArrayList<>();
    List<CompletionStage<Void>> writes = new ArrayList<>();
    int races = 150;
    for (int i = 0; i < races; i++) {
      Submission message = submission(i, "+4366488" + i, now);
      messages.add(message);
      writes.add(store.submitting(message));
    }
    writes.forEach(TestStores::get);
    ExecutorService nodes = Executors.newFixedThreadPool(2);
    try {
      CyclicBarrier together = new CyclicBarrier(2);
      int seenEarly = 0;
      int seenLate = 0;
      for (int i = 0; i < races; i++) {
        Submission message = messages.get(i);
        String id = "F" + i;
        Future<List<Receipt>> early =
            nodes.submit(
                () -> {
                  together.await(20, TimeUnit.SECONDS);
                  return get(store.accepted("smsc", message.attempt(), id));
                });
        Future<Optional<Submission>> late =
            nodes.submit(
                () -> {
                  together.await(20, TimeUnit.SECONDS);
                  return get(otherNode.submissions().find(receipt(id)));
                });
        boolean atAccepted = early.get(20, TimeUnit.SECONDS).equals(List.of(receipt(id)));
        boolean atFind = late.get(20, TimeUnit.SECONDS).equals(Optional.of(message));
        assertThat(atAccepted || atFind).as("race %d: one of the two knows of both", i).isTrue();
        if (atAccepted) seenEarly++;
        if (atFind) seenLate++;
      }
      // Else it was no race, and the test shows nothing.
      assertThat(seenEarly).as("receipts that were first").isPositive();
      assertThat(seenLate).as("ids that were first").isPositive();
    } finally {
      nodes.shutdownNow();
    }
  }

  @Test
  void aPurgeRemovesWhatIsOlderStepByStep() {
    Submission old = sent(1, "+43664901", now.minus(Duration.ofDays(8)));
    Submission young = sent(2, "+43664902", now.minus(Duration.ofDays(6)));
    accept(old, "G1");
    accept(young, "G2");
    TestDatabase.execute(
        database,
        "INSERT INTO submissions (at, reference, carrier, attempt, customer, recipient)"
            + " SELECT now() - interval '9 days', 1, 'smsc', i, 'main.default.x', i"
            + " FROM generate_series(1, 15000) AS i");
    int steps = 1;
    while (get(store.purge(Duration.ofDays(7)))) steps++;
    assertThat(steps).isEqualTo(3);
    assertThat(find(receipt("G1"))).isEmpty();
    assertThat(find(receipt("G2"))).contains(young);
    assertThat(number(database.background(), "SELECT count(*) FROM submissions")).isEqualTo(1);
    TestDatabase.execute(database, "UPDATE submission_ids SET at = now() - interval '8 days'");
    TestDatabase.execute(database, "UPDATE early_receipts SET kept_at = now() - interval '8 days'");
    while (get(store.purge(Duration.ofDays(7)))) steps++;
    assertThat(number(database.background(), "SELECT count(*) FROM submission_ids")).isZero();
    assertThat(number(database.background(), "SELECT count(*) FROM early_receipts")).isZero();
  }

  @Test
  void theHousekeepingPurgesWhatIsOlderThanTheRetention() {
    sent(1, "+43664903", now.minus(Duration.ofHours(3)));
    sent(2, "+43664904", now);
    try (PostgresStores tidy =
        TestStores.on(
            database.requests(),
            Map.of(
                "parley.stores.submissions.retention", "2 h",
                "parley.stores.submissions.purge-interval", "1 s"))) {
      await("the purge of what is three hours old")
          .atMost(Duration.ofSeconds(30))
          .until(() -> number(database.background(), "SELECT count(*) FROM submissions") == 1);
      assertThat(tidy.submissions()).isNotNull();
    }
  }

  @Test
  void aWrongSettingIsNamedWithWhatIsAllowed() {
    assertThatThrownBy(
            () ->
                TestStores.on(
                    database.requests(), Map.of("parley.stores.submissions.retention", "1 minute")))
        .hasMessage("parley.stores.submissions.retention = PT1M: allowed is PT1H to PT8760H");
  }
}
