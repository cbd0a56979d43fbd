package org.parley.core.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Those outside who ask, and ask the same again until they have an answer. */
final class Clients {
  private static final long AGAIN_MILLIS = 10_000;

  private final World world;
  private final List<String> waiting = new ArrayList<>();

  Clients(World world) {
    this.world = world;
  }

  /**
   * Asks an entity until it has an answer that is one.
   *
   * @param what names the question in a report
   * @param isAnswer whether an answer is more than "not now"
   */
  <R> void ask(
      String what,
      String entityId,
      Function<ActorRef<R>, Object> message,
      Predicate<R> isAnswer,
      Consumer<R> then) {
    waiting.add(what);
    boolean[] served = {false};
    world.inRoot(
        context -> {
          ActorRef<R> ears =
              context.spawnAnonymous(
                  Behaviors.<R>receive(
                      (c, answer) -> {
                        if (!isAnswer.test(answer)) return Behaviors.same();
                        served[0] = true;
                        waiting.remove(what);
                        then.accept(answer);
                        return Behaviors.stopped();
                      }));
          send(entityId, message.apply(ears), served);
        });
  }

  private void send(String entityId, Object message, boolean[] served) {
    if (served[0]) return;
    world.tell(null, entityId, message);
    world.loop().after(AGAIN_MILLIS, () -> send(entityId, message, served));
  }

  boolean areServed() {
    return waiting.isEmpty();
  }

  @Override
  public String toString() {
    return waiting.toString();
  }
}
