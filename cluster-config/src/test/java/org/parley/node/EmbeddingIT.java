package org.parley.node;

import static org.apache.pekko.cluster.MemberStatus.up;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.parley.agents.ChannelAgents;
import org.parley.agents.sandbox.SandboxSmtp;
import org.parley.core.Engine;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.ConsentState;
import org.parley.core.api.ConversationAsk;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerContext;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.MessageRequest;
import org.parley.core.api.Parley;
import org.parley.core.api.Profile;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Inbound;
import org.parley.persistence.Database;
import org.parley.persistence.Persistence;

/** The engine inside somebody else's program. */
class EmbeddingIT {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir private Path data;

  /** A whole program: what an embedder writes, in less than 30 lines. */
  static final class Shop {
    static void main(String configuration, CompletableFuture<String> state) throws Exception {
      Config config = ConfigFactory.parseString(configuration).withFallback(ConfigFactory.load());
      try (Database database = Database.open(config)) {
        ActorSystem<Void> system =
            ActorSystem.create(Behaviors.empty(), "shop", Persistence.config(database, config));
        Cluster cluster = Cluster.get(system);
        cluster.manager().tell(Join.create(cluster.selfMember().address()));
        Awaitility.await().atMost(LONG).until(() -> cluster.selfMember().status() == up());
        Parley parley =
            Engine.start(
                system,
                Persistence.start(system, database),
                tools -> ChannelAgents.start(system, tools));
        Template thanks = Template.text("Your order", "Thank you, {{firstName}}");
        MessageRequest order = new MessageRequest(Channel.EMAIL, Category.TRANSACTIONAL, thanks);
        parley
            .updateCustomer("ada", Optional.empty(), profile("ada@example.com"))
            .thenCompose(ada -> parley.sendMessage("order-1", "ada", order))
            .toCompletableFuture()
            .join();
        Awaitility.await().atMost(LONG).until(() -> delivered(parley, "order-1"));
        state.complete(parley.message("order-1").toCompletableFuture().join().state().label());
        askFromAnActor(system, parley);
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
      }
    }
  }

  @Test
  void aPlainMainSendsAMessageThroughTheEngine() throws Exception {
    try (SandboxSmtp carrier = SandboxSmtp.startIfEnabled(sandbox()).orElseThrow()) {
      CompletableFuture<String> state = new CompletableFuture<>();
      Shop.main(
          """
          pekko.actor.provider = cluster
          pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
          parley.database.directory = "%s"
          parley.carriers = [
            { name = main, channel = email, protocol = smtp, host = "127.0.0.1", port = %d }
          ]
          """
              .formatted(data.resolve("postgres"), carrier.port()),
          state);
      assertThat(state.join()).isEqualTo("delivered");
      assertThat(carrier.newest(10))
          .singleElement()
          .satisfies(mail -> assertThat(mail.source()).contains("Thank you, Ada"));
    }
  }

  @Test
  void whatACarrierBringsWhileTheEngineStartsIsRecorded() throws Exception {
    Config config =
        ConfigFactory.parseString(
                """
                pekko.actor.provider = cluster
                pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                parley.database.directory = "%s"
                """
                    .formatted(data.resolve("postgres")))
            .withFallback(ConfigFactory.load());
    try (Database database = Database.open(config)) {
      ActorSystem<Void> system =
          ActorSystem.create(Behaviors.empty(), "early", Persistence.config(database, config));
      try {
        Cluster cluster = Cluster.get(system);
        cluster.manager().tell(Join.create(cluster.selfMember().address()));
        Awaitility.await().atMost(LONG).until(() -> cluster.selfMember().status() == up());
        List<CompletableFuture<Inbound.Taken>> taken = new ArrayList<>();
        Parley parley =
            Engine.start(
                system,
                Persistence.start(system, database),
                tools -> {
                  // A bind is open, and a STOP was waiting at the carrier.
                  taken.add(stop(tools.inbound()).toCompletableFuture());
                  return List.of();
                });
        assertThat(taken)
            .singleElement()
            .satisfies(
                stop -> assertThat(stop).succeedsWithin(LONG).isEqualTo(Inbound.Taken.RECORDED));
        assertThat(parley.customer("ada").toCompletableFuture().join().consent())
            .containsEntry(Channel.EMAIL, ConsentState.OPTED_OUT);
      } finally {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
      }
    }
  }

  /** What a customer answers to an attempt of an earlier life. */
  private static CompletionStage<Inbound.Taken> stop(Inbound inbound) {
    CustomerKey ada = CustomerKey.of("ada");
    StepKey hello = new StepKey("spring", "hello");
    Attempt attempt =
        new Attempt(
            AttemptId.of(ada, hello, 1),
            ada,
            hello,
            1,
            Channel.EMAIL,
            Category.MARKETING,
            "ada@example.com",
            Profile.EMPTY,
            Template.text("Hi", "Hi"),
            Optional.empty(),
            Instant.now(),
            Instant.now());
    return inbound.reply(
        new Inbound.Reply(
            "mx",
            Channel.EMAIL,
            "in-1",
            "ada@example.com",
            inbound.returnToken(attempt),
            Optional.empty(),
            "STOP",
            Instant.now()));
  }

  private Config sandbox() {
    return ConfigFactory.parseString("parley.sandbox.smtp { enabled = true, port = 0 }")
        .withFallback(ConfigFactory.load());
  }

  private static boolean delivered(Parley parley, String messageId) {
    return parley
        .message(messageId)
        .handle((found, no) -> found != null && found.state() == Communication.State.DELIVERED)
        .toCompletableFuture()
        .join();
  }

  private static Profile profile(String email) {
    return new Profile(
        Optional.of(email),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of("firstName", "Ada"),
        Instant.EPOCH);
  }

  /** An actor of the embedder's that asks a conversation by itself. */
  private static void askFromAnActor(ActorSystem<?> system, Parley parley) {
    CompletableFuture<CustomerContext> answer = new CompletableFuture<>();
    system.systemActorOf(
        desk(parley.conversation("ada"), answer),
        "desk",
        org.apache.pekko.actor.typed.Props.empty());
    assertThat(answer.join().touches())
        .singleElement()
        .satisfies(touch -> assertThat(touch.state()).isEqualTo("delivered"));
  }

  private static Behavior<CustomerContext> desk(
      EntityRef<ConversationMessage> conversation, CompletableFuture<CustomerContext> answer) {
    return Behaviors.setup(
        context -> {
          conversation.tell(new ConversationAsk.GetContext(context.getSelf()));
          return Behaviors.receive(CustomerContext.class)
              .onMessage(
                  CustomerContext.class,
                  told -> {
                    answer.complete(told);
                    return Behaviors.stopped();
                  })
              .build();
        });
  }
}
