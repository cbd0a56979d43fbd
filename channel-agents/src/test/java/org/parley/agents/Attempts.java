package org.parley.agents;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.parley.agents.settings.Checked;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Profile;
import org.parley.core.api.RenderedMessage;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;
import org.parley.core.spi.Attempt;

/** Attempts and settings as the tests need them. */
public final class Attempts {
  private static final AtomicInteger NEXT = new AtomicInteger();

  private Attempts() {}

  /** A new marketing attempt to an address. */
  public static Attempt to(String address) {
    return to(address, Category.MARKETING, Map.of());
  }

  /** A new transactional attempt. */
  public static Attempt transactional(String address) {
    return to(address, Category.TRANSACTIONAL, Map.of());
  }

  /** A new attempt to a customer with attributes. */
  public static Attempt to(String address, Category category, Map<String, String> attributes) {
    CustomerKey customer = CustomerKey.of("customer-" + NEXT.incrementAndGet());
    StepKey key = new StepKey("cmp_test", "hello");
    Profile profile =
        new Profile(
            Optional.of(address),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            attributes,
            Instant.EPOCH);
    return new Attempt(
        AttemptId.of(customer, key, 1),
        customer,
        key,
        1,
        Channel.EMAIL,
        category,
        address,
        profile,
        Template.text("Hello", "A text."),
        category == Category.MARKETING ? Optional.of("token-1") : Optional.empty(),
        Instant.now(),
        Instant.now().plusSeconds(600));
  }

  /** The same attempt, whose grant ends by the clock that nobody sets, now or in so long. */
  public static Attempt endingIn(Duration left, Attempt attempt) {
    return attempt.ending(attempt.until(), System.nanoTime() + left.toNanos());
  }

  /** The message every attempt gets unless a test says otherwise. */
  public static RenderedMessage message(String subject, String text) {
    return new RenderedMessage(Optional.of(subject), Optional.of(text), Optional.empty());
  }

  /** The settings of a carrier at a port of this host, with some keys of its own. */
  public static Checked carrier(int port, String more) {
    Config defaults = ConfigFactory.load().getConfig("parley.carrier-defaults.smtp");
    Config own =
        ConfigFactory.parseString(
            "name = main, channel = email, protocol = smtp, host = 127.0.0.1, port = "
                + port
                + "\n"
                + more);
    return new Checked(own.withFallback(defaults).resolve(), "parley.carriers.0");
  }

  /** The part {@code parley} of the settings, with a public address. */
  public static Checked parley() {
    Config root =
        ConfigFactory.parseString("parley.public-url = \"https://parley.example/\"")
            .withFallback(ConfigFactory.load());
    return Checked.at(root.resolve(), "parley");
  }
}
