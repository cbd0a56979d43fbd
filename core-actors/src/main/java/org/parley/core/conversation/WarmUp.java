package org.parley.core.conversation;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.parley.core.api.ConversationAsk.CustomerReply;
import org.parley.core.api.ConversationAsk.GetCustomer;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerKey;

/**
 * Has conversations of nobody read their empty journals and answer, before this node gets real
 * ones: the first that a JVM does loads classes, opens connections and runs uncompiled, and real
 * ones were silent for up to 10 s while a node that had just joined a busy machine did all that.
 */
public final class WarmUp extends AbstractBehavior<Object> {
  private enum End {
    TOO_LATE
  }

  static final int CONVERSATIONS = 50;
  private static final int AT_A_TIME = 8;

  /** No customer lives in it. */
  static final String CELL = "warm-up";

  private final String tenant;
  private final ConversationParts parts;
  private final CompletableFuture<Done> over;
  private int asked;
  private int answered;

  /**
   * Does it, and waits for it.
   *
   * @param limit a node whose database does not answer starts all the same after this
   */
  public static void run(
      ActorSystem<?> system, String tenant, ConversationParts parts, Duration limit) {
    CompletableFuture<Done> over = new CompletableFuture<>();
    ActorRef<Object> unused =
        system.systemActorOf(create(tenant, parts, limit, over), "parley-warm-up", Props.empty());
    Done unusedToo = over.join();
  }

  private static Behavior<Object> create(
      String tenant, ConversationParts parts, Duration limit, CompletableFuture<Done> over) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  timers.startSingleTimer(End.TOO_LATE, limit);
                  return new WarmUp(context, tenant, parts, over);
                }));
  }

  private WarmUp(
      ActorContext<Object> context,
      String tenant,
      ConversationParts parts,
      CompletableFuture<Done> over) {
    super(context);
    this.tenant = tenant;
    this.parts = parts;
    this.over = over;
    for (int i = 0; i < AT_A_TIME; i++) ask();
  }

  @Override
  public Receive<Object> createReceive() {
    return newReceiveBuilder()
        .onMessage(CustomerReply.class, reply -> answered())
        .onMessage(End.class, late -> Behaviors.stopped())
        .onSignal(PostStop.class, stop -> over())
        .build();
  }

  private void ask() {
    CustomerKey nobody = new CustomerKey(CELL, tenant, String.valueOf(asked++));
    PersistenceId id = PersistenceId.of(Conversation.TYPE.name(), nobody.entityId());
    ActorRef<ConversationMessage> conversation =
        getContext().spawnAnonymous(Conversation.create(nobody, id, parts));
    conversation.tell(new GetCustomer(getContext().getSelf().narrow()));
  }

  private Behavior<Object> answered() {
    answered++;
    if (answered == CONVERSATIONS) return Behaviors.stopped();
    if (asked < CONVERSATIONS) ask();
    return this;
  }

  /** A node that ends before is waited for no longer, either. */
  private Behavior<Object> over() {
    over.complete(Done.done());
    return this;
  }
}
