package org.parley.agents.phone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.parley.agents.phone.sip.Digest;
import org.parley.agents.phone.sip.ServerTransaction;
import org.parley.agents.phone.sip.SipMessage;
import org.parley.core.api.Outcome;

/** What an exchange's answers mean for a call, in an order in which the sandbox gives none. */
class CallMatrixIT {
  private static final String ELSEWHERE = "<sip:+4930201000@127.0.0.1:1>";

  @TempDir Path prompts;

  private volatile Duration ahead = Duration.ZERO;
  private @Nullable ScriptedExchange exchange;
  private @Nullable SipConnector connector;

  @BeforeEach
  void record() throws Exception {
    Path unused = Phones.tone(prompts.resolve("hello.wav"), 100);
  }

  @AfterEach
  void close() {
    if (connector != null) connector.close();
    if (exchange != null) exchange.close();
  }

  private ScriptedExchange exchange(String transport, Consumer<ServerTransaction> script) {
    ScriptedExchange made = new ScriptedExchange(transport, script);
    exchange = made;
    return made;
  }

  private SipConnector connector(String settings) {
    SipConnector made =
        Phones.connector(
            Objects.requireNonNull(exchange).port(),
            prompts,
            "username = relay, password = secret\n" + settings,
            () -> Instant.now().plus(ahead));
    connector = made;
    return made;
  }

  private void say(ServerTransaction to, int status, String... headers) {
    Objects.requireNonNull(exchange).say(to, status, headers);
  }

  @ParameterizedTest
  @ValueSource(ints = {302, 401, 407})
  void aPhoneThatRangIsNotRungAgainWhenItsGrantEndsBeforeTheCallGoesOn(int status)
      throws Exception {
    exchange(
        "udp",
        invite -> {
          say(invite, 180);
          ahead = Duration.ofHours(1);
          say(
              invite,
              status,
              status == 401 ? "WWW-Authenticate" : "Proxy-Authenticate",
              "Digest realm=\"r\", nonce=\"n\"",
              "Contact",
              ELSEWHERE);
        });

    Outcome outcome = Phones.call(connector(""), "+4930201000");

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.REJECTED);
    assertThat(outcome.reason()).contains("noAnswer");
  }

  @Test
  void aPhoneThatRangIsNotRungByTheNextCarrierWhenItsRedirectLeadsNowhere() throws Exception {
    exchange(
        "tcp",
        invite -> {
          say(invite, 180);
          say(invite, 302, "Contact", ELSEWHERE);
        });

    Outcome outcome = Phones.call(connector("transport = tcp"), "+4930201000");

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.REJECTED);
    assertThat(outcome.reason()).contains("noAnswer");
  }

  @Test
  void aPhoneThatRingsOnlyAfterTheNodeWentDownIsTakenBack() throws Exception {
    CompletableFuture<ServerTransaction> invited = new CompletableFuture<>();
    ScriptedExchange silent = exchange("udp", invited::complete);
    SipConnector calling = connector("");
    CompletableFuture<Outcome> outcome =
        calling.send(Phones.attempt("+4930201000")).toCompletableFuture();
    ServerTransaction invite = invited.get(20, TimeUnit.SECONDS);
    CompletableFuture<Void> closed = CompletableFuture.runAsync(calling::close);
    assertThat(outcome.get(20, TimeUnit.SECONDS).kind()).isEqualTo(Outcome.Kind.UNKNOWN);

    silent.later(() -> say(invite, 180));

    await().until(() -> silent.cancelled.size() == 1);
    closed.get(20, TimeUnit.SECONDS);
  }

  @Test
  void whoAsksForThePasswordOfEveryRequestIsHungUpOnToo() throws Exception {
    ScriptedExchange strict = exchange("udp", this::proved);

    Outcome outcome = Phones.call(connector(""), "+4930201000");

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    await().until(() -> strict.requests("BYE").size() == 2);
    List<SipMessage> proofs = List.of(strict.requests("BYE").get(1), strict.acks.get(0));
    assertThat(proofs)
        .allSatisfy(proof -> assertThat(proof.first("Proxy-Authorization")).isPresent());
    assertThat(strict.acks.get(0).first("Proxy-Authorization"))
        .isEqualTo(strict.requests("INVITE").get(1).first("Proxy-Authorization"));
    assertThat(strict.requests("BYE").get(1).sequence())
        .isGreaterThan(strict.requests("BYE").get(0).sequence());
  }

  /** Answers whoever gives credentials for the request itself. */
  private void proved(ServerTransaction to) {
    String challenge = "Digest realm=\"r\", nonce=\"n\"";
    SipMessage request = to.request();
    Optional<String> right =
        Digest.answer(challenge, "relay", "secret", request.method(), request.uri(), "");
    if (!request.first("Proxy-Authorization").equals(right)) {
      say(to, 407, "Proxy-Authenticate", challenge);
    } else {
      Objects.requireNonNull(exchange).answer(to, request.method().equals("INVITE"));
    }
  }
}
