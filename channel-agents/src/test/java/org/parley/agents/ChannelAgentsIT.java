package org.parley.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.parley.agents.sandbox.Mischief;
import org.parley.agents.sandbox.SandboxSettings;
import org.parley.agents.sandbox.SandboxSmtp;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;
import org.parley.core.spi.AgentPool;

class ChannelAgentsIT {
  private final SandboxSmtp sandbox = sandbox();
  private final List<ActorSystem<Void>> systems = new CopyOnWriteArrayList<>();

  private static SandboxSmtp sandbox() {
    return SandboxSmtp.start(
        SandboxSettings.read(
            ConfigFactory.parseString("parley.sandbox.smtp.port = 0")
                .withFallback(ConfigFactory.load())
                .resolve()));
  }

  @AfterEach
  void stop() throws Exception {
    for (ActorSystem<Void> system : systems) {
      system.terminate();
      system.getWhenTerminated().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
    sandbox.close();
  }

  private static Config carriers(String carriers) {
    return ConfigFactory.parseString("parley.carriers = " + carriers)
        .withFallback(ConfigFactory.load())
        .resolve();
  }

  private ActorSystem<Void> system(String carriers) {
    ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "agents", carriers(carriers));
    systems.add(system);
    return system;
  }

  private static List<AgentPool> start(ActorSystem<Void> system) {
    return ChannelAgents.start(
        system,
        Tools.of(attempt -> Optional.empty(), attempt -> Attempts.message("Hello", "A text.")));
  }

  private String carrier(String name, int port, String more) {
    return "{ name = "
        + name
        + ", channel = email, protocol = smtp, host = 127.0.0.1, port = "
        + port
        + ", connections = 4, per-second = 10000 "
        + more
        + "}";
  }

  private static Outcome deliver(AgentPool pool, String address) throws Exception {
    CompletableFuture<Outcome> settled = new CompletableFuture<>();
    pool.deliver(Attempts.to(address), settled::complete);
    return settled.get(20, TimeUnit.SECONDS);
  }

  @Test
  void aDeliveredAttemptStandsInTheCarriersInbox() throws Exception {
    AgentPool pool = start(system('[' + carrier("main", sandbox.port(), "") + ']')).get(0);

    Outcome outcome = deliver(pool, "ann@example.com");

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(pool.places().capacity()).isEqualTo(300);
    assertThat(sandbox.newest(1).get(0).recipient()).isEqualTo("ann@example.com");
  }

  @Test
  void withTheFirstCarrierDownTheSecondCarriesTheMessage() throws Exception {
    String chain =
        "["
            + carrier("backup", sandbox.port(), ", priority = 2")
            + ","
            + carrier("down", 1, ", priority = 1")
            + "]";
    AgentPool pool = start(system(chain)).get(0);

    Outcome outcome = deliver(pool, "ann@example.com");

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(outcome.carrier()).contains("backup");
  }

  @Test
  void everyAttemptIsAnsweredOnceWhileTheCarrierMisbehaves() throws Exception {
    sandbox.behave(new Mischief(java.time.Duration.ofMillis(1), 0.1, 550, 0.05, 0.05));
    AgentPool pool = start(system('[' + carrier("main", sandbox.port(), "") + ']')).get(0);
    List<CompletableFuture<Outcome>> answers = new CopyOnWriteArrayList<>();
    List<Outcome> twice = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 250; i++) {
      CompletableFuture<Outcome> answer = new CompletableFuture<>();
      answers.add(answer);
      pool.deliver(
          Attempts.to("ann@example.com"),
          outcome -> {
            if (!answer.complete(outcome)) twice.add(outcome);
          });
    }

    CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0])).get(30, TimeUnit.SECONDS);
    long mayHaveLeft =
        answers.stream()
            .map(CompletableFuture::join)
            .filter(o -> o.kind() == Outcome.Kind.ACCEPTED || o.kind() == Outcome.Kind.UNKNOWN)
            .count();
    assertThat(twice).isEmpty();
    assertThat(sandbox.acceptedCount()).isEqualTo(mayHaveLeft);
  }

  @Test
  void aShutdownAnswersWhatIsUnderWayBeforeTheSystemEnds() throws Exception {
    ActorSystem<Void> system = system('[' + carrier("main", sandbox.port(), "") + ']');
    AgentPool pool = start(system).get(0);
    List<CompletableFuture<Outcome>> answers = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 200; i++) {
      CompletableFuture<Outcome> answer = new CompletableFuture<>();
      answers.add(answer);
      pool.deliver(Attempts.to("ann@example.com"), answer::complete);
    }

    system.terminate();
    system.getWhenTerminated().toCompletableFuture().get(30, TimeUnit.SECONDS);

    assertThat(answers).allMatch(CompletableFuture::isDone);
  }

  @Test
  void aCarrierOfTextMessagesHasAPoolOfItsOwn() {
    String chain =
        '['
            + carrier("main", sandbox.port(), "")
            + ", { name = text, channel = sms, protocol = smpp, port = 1, sessions = 2, window = 7 }]";

    assertThat(start(system(chain)))
        .extracting(AgentPool::channel)
        .containsExactly(Channel.EMAIL, Channel.SMS);
    assertThatThrownBy(() -> start(system("[{ name = a, channel = email, protocol = smpp }]")))
        .hasMessageContaining("sms, which is what the protocol smpp carries");
  }

  @Test
  void withoutACarrierThereIsNoPool() {
    assertThat(start(system("[]"))).isEmpty();
  }

  @Test
  void aBadValueStopsTheStartAndSaysWhatIsAllowed() {
    Function<String, ActorSystem<Void>> with =
        more -> system('[' + carrier("main", sandbox.port(), more) + ']');

    assertThatThrownBy(() -> start(with.apply(", connections = 0")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("parley.carriers.0.connections")
        .hasMessageContaining("it is 0")
        .hasMessageContaining("from 1 to 1000");
    assertThatThrownBy(() -> start(with.apply(", protocol = pigeon")))
        .hasMessageContaining("pigeon")
        .hasMessageContaining("smtp");
    assertThatThrownBy(() -> start(with.apply(", username = relay, password = secret")))
        .hasMessageContaining("allow-clear-login")
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest(name = "{0} is refused as a key nobody reads")
  @CsvSource({
    "conections, connections",
    "breaker.opne, open",
    "domain-defaults.per-secnod, per-second",
    "dkim.selectro, selector",
    "warm-up.dialy, daily",
  })
  void aMisspeltKeyStopsTheStartInWhateverPartOfACarrierItStands(String key, String meant) {
    Config config = carriers('[' + carrier("main", 25, ", " + key + " = 1") + ']');

    assertThatThrownBy(() -> ChannelAgents.check(config))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("parley.carriers.0." + key)
        .hasMessageContaining("a key nobody reads")
        .hasMessageContaining(meant);
  }

  @Test
  void domainsHaveNamesOfTheirOwn() {
    String named = ", domains { \"big.example\" { connections = 10 } }, breaker.open = 1s";

    assertThatCode(() -> ChannelAgents.check(carriers('[' + carrier("main", 25, named) + ']')))
        .doesNotThrowAnyException();
  }
}
