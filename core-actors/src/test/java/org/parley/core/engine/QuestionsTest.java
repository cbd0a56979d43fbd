package org.parley.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.cluster.sharding.typed.testkit.javadsl.TestEntityRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QuestionsTest {
  private record Question(ActorRef<String> replyTo) {}

  private final ActorTestKit kit = ActorTestKit.create();
  private final AtomicInteger asked = new AtomicInteger();

  @AfterEach
  void close() {
    kit.shutdownTestKit();
  }

  @Test
  void aQuestionThatIsLostIsAskedAgain() {
    ActorRef<Question> entity =
        kit.spawn(
            Behaviors.receiveMessage(
                question -> {
                  if (asked.getAndIncrement() > 0) question.replyTo().tell("here");
                  return Behaviors.same();
                }));
    EntityRef<Question> ref =
        TestEntityRef.of(EntityTypeKey.create(Question.class, "asked"), "one", entity);

    CompletableFuture<String> answer =
        Questions.<Question, String>repeated(ref, Question::new).toCompletableFuture();

    assertThat(answer.join()).isEqualTo("here");
    assertThat(asked).hasValueGreaterThan(1);
  }
}
