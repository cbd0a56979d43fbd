package org.parley.agents.sms;

import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.parley.agents.Tools;
import org.parley.agents.sandbox.SandboxSmpp;
import org.parley.agents.sandbox.SandboxSmppSettings;
import org.parley.agents.settings.Checked;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Outcome;
import org.parley.core.api.Profile;
import org.parley.core.api.RenderedMessage;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Connector;

/** Attempts, connectors and sandboxes as the tests of text messages need them. */
final class Smscs {
  /** A number that nobody does mischief to. */
  static final String ANN = "+491701234567";

  /** For a test in which an answer never comes. */
  static final String IMPATIENT = "response-timeout = 1s\n";

  /** Quick to bind again, and as patient as a slow machine needs. */
  private static final String FAST =
      "response-timeout = 20s, submit-wait = 20s, backoff-min = 10ms, backoff-max = 100ms,"
          + " join-hold = 5s, per-second = 1000, validity-beyond-grant = 0s\n";

  private static final AtomicInteger NEXT = new AtomicInteger();

  private Smscs() {}

  static Attempt to(String number) {
    return to(number, Instant.now().plusSeconds(600));
  }

  static Attempt to(String number, Instant until) {
    CustomerKey customer = CustomerKey.of("customer-" + NEXT.incrementAndGet());
    StepKey key = new StepKey("cmp_test", "hello");
    return new Attempt(
        AttemptId.of(customer, key, 1),
        customer,
        key,
        1,
        Channel.SMS,
        Category.TRANSACTIONAL,
        number,
        new Profile(
            Optional.empty(),
            Optional.of(number),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Instant.EPOCH),
        Template.text("", "Hello"),
        Optional.empty(),
        Instant.now(),
        until);
  }

  static SmppConnector connector(int port, Tools tools, String text, String more) {
    return SmppConnector.open(
        "main",
        carrier(port, FAST + more),
        tools.with(
            attempt -> Optional.empty(),
            attempt -> new RenderedMessage(Optional.empty(), Optional.of(text), Optional.empty())),
        InstantSource.system());
  }

  /** The connector, once a bind stands. */
  static SmppConnector bound(SmppConnector connector) {
    await("a bind")
        .pollInterval(Duration.ofMillis(10))
        .atMost(Duration.ofSeconds(20))
        .until(() -> connector.boundSessions() > 0);
    return connector;
  }

  static Checked carrier(int port, String more) {
    Config defaults = ConfigFactory.load().getConfig("parley.carrier-defaults.smpp");
    Config own =
        ConfigFactory.parseString(
            "name = main, channel = sms, protocol = smpp, host = 127.0.0.1, port = "
                + port
                + "\n"
                + more);
    return new Checked(own.withFallback(defaults).resolve(), "parley.carriers.0");
  }

  static SandboxSmpp sandbox(String more) {
    return SandboxSmpp.start(
        SandboxSmppSettings.read(
            ConfigFactory.parseString(
                    "parley.sandbox.smpp { port = 0, receipt-delay = 0ms\n" + more + "\n}")
                .withFallback(ConfigFactory.load())
                .resolve()));
  }

  /** Sends and waits for the answer. */
  static Outcome send(Connector connector, Attempt attempt) throws Exception {
    return connector.send(attempt).toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
