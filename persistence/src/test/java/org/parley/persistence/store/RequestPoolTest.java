package org.parley.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.typesafe.config.ConfigFactory;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.parley.core.api.RefusedException;
import org.slf4j.LoggerFactory;

class RequestPoolTest {
  private final Logger log = (Logger) LoggerFactory.getLogger(RequestPool.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final RequestPool pool =
      new RequestPool(fake(DataSource.class), StoreSettings.of(ConfigFactory.load()));
  private volatile Optional<SQLException> failure = Optional.empty();

  @BeforeEach
  void listen() {
    lines.start();
    log.addAppender(lines);
  }

  @AfterEach
  void close() {
    log.detachAppender(lines);
    pool.close();
  }

  @Test
  void anOutageIsTwoLinesHoweverManyAskMeanwhile() {
    ask();
    failure = Optional.of(new SQLException("Connection refused", "08001"));
    for (int i = 0; i < 3; i++) ask();
    failure = Optional.of(new SQLException("the database system is starting up", "57P03"));
    ask();
    failure = Optional.empty();
    for (int i = 0; i < 3; i++) ask();
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .satisfiesExactly(
            gone -> assertThat(gone).contains("serves no requests").endsWith("Connection refused"),
            back -> assertThat(back).startsWith("The database serves requests again, after "));
  }

  @Test
  void aPoolWithoutAFreeConnectionIsNoOutage() {
    failure = Optional.of(new SQLTransientConnectionException("request timed out"));
    assertThat(pool.query(connection -> 1).toCompletableFuture())
        .failsWithin(Duration.ofSeconds(10))
        .withThrowableThat()
        .withCauseInstanceOf(RefusedException.class);
    assertThat(lines.list).isEmpty();
  }

  private void ask() {
    Object unused =
        pool.query(connection -> 1).toCompletableFuture().handle((one, refusal) -> 0).join();
  }

  /** Something whose methods do nothing, and that gives connections unless it is to fail. */
  private <T> T fake(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (!method.getName().equals("getConnection")) return null;
              if (failure.isPresent()) throw failure.get();
              return fake(Connection.class);
            }));
  }
}
