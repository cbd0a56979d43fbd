package org.parley.persistence.journal;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.parley.persistence.Database;
import org.parley.persistence.TestDatabase;

class JournalWriterIT {
  private final Database database = TestDatabase.shared();
  private final String id = "writer|" + UUID.randomUUID();

  private record Kept(String persistenceId, List<JournalRow> rows, CompletableFuture<Void> answer)
      implements JournalWriter.Write {
    @Override
    public int weight() {
      return rows.size();
    }

    @Override
    public void written() {
      answer.complete(null);
    }

    @Override
    public void fail(Throwable cause) {
      answer.completeExceptionally(cause);
    }
  }

  private Kept write(long number, String writer) {
    JournalRow.Body body = new JournalRow.Body(1, "m", new byte[] {1, 2, 3});
    JournalRow row = new JournalRow(id, number, writer, 0, "", body, Optional.of(body));
    return new Kept(id, List.of(row), new CompletableFuture<>());
  }

  private static JournalWriter writer(DataSource connections) {
    return new JournalWriter(JournalSettings.of(ConfigFactory.load()), connections);
  }

  @Test
  void aCommitWhoseAnswerWasLostIsSeenAndNotRepeated() throws Exception {
    AtomicInteger lost = new AtomicInteger(1);
    try (JournalWriter writer = writer(losing(lost, true))) {
      Kept first = write(1, "me");
      writer.add(first);
      first.answer().get(10, SECONDS);
      assertThat(lost).hasValue(0);
      assertThat(numbers()).containsExactly("1 me");
    }
  }

  @Test
  void aWriteThatWasLostOnItsWayIsRepeated() throws Exception {
    AtomicInteger lost = new AtomicInteger(2);
    try (JournalWriter writer = writer(losing(lost, false))) {
      Kept first = write(1, "me");
      writer.add(first);
      first.answer().get(10, SECONDS);
      assertThat(lost).hasValue(0);
      assertThat(numbers()).containsExactly("1 me");
    }
  }

  @Test
  void theEventOfAnotherWriterIsNotTakenForOnesOwn() throws Exception {
    try (JournalWriter writer = writer(database.requests())) {
      Kept first = write(1, "other");
      writer.add(first);
      first.answer().get(10, SECONDS);
    }
    AtomicInteger lost = new AtomicInteger(1);
    try (JournalWriter writer = writer(losing(lost, false))) {
      Kept second = write(1, "me");
      writer.add(second);
      assertThatThrownBy(() -> second.answer().get(10, SECONDS)).hasMessageContaining("duplicate");
      assertThat(numbers()).containsExactly("1 other");
    }
  }

  @Test
  void aRepetitionWaitsForALostSessionThatStillHoldsTheRow() throws Exception {
    try (Connection session = database.requests().getConnection();
        JournalWriter writer = writer(database.background())) {
      session.setAutoCommit(false);
      session.createStatement().execute(insert("me"));
      Kept repeated = write(1, "me");
      writer.add(repeated);
      TestDatabase.awaitBlocked(database);
      assertThat(repeated.answer()).isNotDone();
      session.commit();
      repeated.answer().get(10, SECONDS);
      assertThat(numbers()).containsExactly("1 me");
    }
  }

  private String insert(String writer) {
    return "INSERT INTO event_journal (persistence_id, sequence_number, slice, writer,"
        + " write_timestamp, event_ser_id, event_ser_manifest, event_payload) VALUES ('"
        + id
        + "', 1, 0, '"
        + writer
        + "', 0, 1, '', '')";
  }

  private List<String> numbers() throws SQLException {
    try (Connection connection = database.requests().getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT array_agg(sequence_number || ' ' || writer ORDER BY sequence_number)"
                    + " FROM event_journal WHERE persistence_id = ?")) {
      statement.setString(1, id);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return List.of((String[]) row.getArray(1).getArray());
      }
    }
  }

  /** Connections whose next inserts come back as a lost connection, done or not done. */
  private DataSource losing(AtomicInteger times, boolean done) {
    return proxy(
        DataSource.class,
        database.requests(),
        (method, call) -> {
          if (!method.equals("getConnection")) return call.get();
          return proxy(
              Connection.class,
              (Connection) call.get(),
              (inner, prepare) -> {
                if (!inner.equals("prepareStatement")) return prepare.get();
                return proxy(
                    PreparedStatement.class,
                    (PreparedStatement) prepare.get(),
                    (execute, run) -> {
                      if (!execute.equals("executeUpdate") || times.get() == 0) return run.get();
                      times.decrementAndGet();
                      if (done) run.get();
                      throw new SQLException("the connection is lost", "08006");
                    });
              });
        });
  }

  /** A call that may fail. */
  private interface Call {
    Object get() throws Throwable;
  }

  /** What to do in place of a call. */
  private interface Around {
    Object call(String method, Call call) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, T target, Around around) {
    return type.cast(
        Proxy.newProxyInstance(
            JournalWriterIT.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) ->
                around.call(
                    method.getName(),
                    () -> {
                      try {
                        return method.invoke(target, arguments);
                      } catch (InvocationTargetException e) {
                        throw e.getCause();
                      }
                    })));
  }
}
