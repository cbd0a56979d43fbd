package org.parley.agents.email;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.parley.agents.Attempts;
import org.parley.agents.settings.Checked;
import org.parley.core.spi.Attempt;

class ReturnsIT {
  private static SmtpConnector connector(
      int port, String domain, Function<Attempt, Optional<String>> token) {
    return SmtpConnector.open(
        "main",
        Attempts.carrier(port, "return-path = \"back@shop.example\""),
        Checked.at(
            ConfigFactory.parseString("parley.inbound.email.domain = \"" + domain + "\"")
                .withFallback(Attempts.parley().config().atPath("parley")),
            "parley"),
        attempt -> Attempts.message("Hello", "A text."),
        token,
        InstantSource.system(),
        ForkJoinPool.commonPool(),
        ForkJoinPool.commonPool());
  }

  @Test
  void aBounceComesBackToAnAddressOfTheAttemptsOwn() throws Exception {
    try (ScriptedServer server = new ScriptedServer();
        SmtpConnector with =
            connector(server.port(), "reply.example", attempt -> Optional.of("tok-1"));
        SmtpConnector withoutDomain =
            connector(server.port(), "", attempt -> Optional.of("tok-2"));
        SmtpConnector withoutToken =
            connector(server.port(), "reply.example", attempt -> Optional.empty())) {
      Connectors.send(with, Attempts.to("ann@example.com"));
      Connectors.send(withoutDomain, Attempts.to("ann@example.com"));
      Connectors.send(withoutToken, Attempts.to("ann@example.com"));

      assertThat(server.commands().stream().filter(line -> line.startsWith("MAIL")).toList())
          .satisfiesExactly(
              line -> assertThat(line).startsWith("MAIL FROM:<bounce+tok-1@reply.example>"),
              line -> assertThat(line).startsWith("MAIL FROM:<back@shop.example>"),
              line -> assertThat(line).startsWith("MAIL FROM:<back@shop.example>"));
      assertThat(server.messages().get(0))
          .contains("Reply-To: <reply+tok-1@reply.example>\r\n")
          .contains("<mailto:unsubscribe+tok-1@reply.example?subject=unsubscribe>");
      assertThat(server.messages().get(1)).doesNotContain("reply.example");
    }
  }
}
