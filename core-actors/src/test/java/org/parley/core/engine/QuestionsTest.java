package org.parley.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.cluster.sharding.typed.testkit.javadsl.TestEntityRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QuestionsTest {
  private record Question(ActorRef<String> replyTo) {}

  private final ActorTestKit kit = ActorTestKit.create();
  private final TestProbe<Question> entity = kit.createTestProbe(Question.class);
  private final EntityRef<Question> ref =
      TestEntityRef.of(EntityTypeKey.create(Question.class, "asked"), "one", entity.ref());

  @AfterEach
  void close() {
    kit.shutdownTestKit();
  }

  @Test
  void aQuestionThatIsLostIsAskedAgain() {
    CompletableFuture<String> answer =
        Questions.<Question, String>repeated(ref, Question::new).toCompletableFuture();
    Question unusedLost = entity.receiveMessage();
    entity.receiveMessage().replyTo().tell("here");
    assertThat(answer.join()).isEqualTo("here");
  }
}
