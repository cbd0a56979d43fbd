package org.parley.core.engine;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerKey;

/**
 * Tells conversations, wherever they are: through this node's shard region and, once the node
 * leaves its cluster and the region ends, through another node's. So what an agent here still finds
 * out about an attempt reaches its conversation, which has moved.
 */
final class Regions implements BiConsumer<CustomerKey, ConversationMessage> {
  private static final ServiceKey<ShardingEnvelope<ConversationMessage>> KEY = key();

  private volatile @Nullable ActorRef<ShardingEnvelope<ConversationMessage>> own;
  private volatile List<ActorRef<ShardingEnvelope<ConversationMessage>>> others = List.of();
  private volatile boolean leaving;
  private volatile Runnable whenLeaving = () -> {};

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static ServiceKey<ShardingEnvelope<ConversationMessage>> key() {
    return (ServiceKey) ServiceKey.create(ShardingEnvelope.class, "parley-conversations");
  }

  /** The region exists a moment later than its users. */
  void open(ActorSystem<?> system, ActorRef<ShardingEnvelope<ConversationMessage>> region) {
    own = region;
    system.receptionist().tell(Receptionist.register(KEY, region));
    ActorRef<Receptionist.Listing> listings =
        system.systemActorOf(
            Behaviors.receive(Receptionist.Listing.class)
                .onMessage(
                    Receptionist.Listing.class,
                    found -> {
                      others =
                          found.getServiceInstances(KEY).stream()
                              .filter(each -> !each.path().address().hasLocalScope())
                              .toList();
                      return Behaviors.same();
                    })
                .build(),
            "parley-regions",
            Props.empty());
    system.receptionist().tell(Receptionist.subscribe(KEY, listings));
    CoordinatedShutdown.get(system)
        .addTask(
            CoordinatedShutdown.PhaseBeforeClusterShutdown(),
            "parley-tell-through-others",
            () -> {
              leaving = true;
              whenLeaving.run();
              return CompletableFuture.completedFuture(Done.getInstance());
            });
  }

  /** Also does this when the node begins to leave. */
  void whenLeaving(Runnable also) {
    whenLeaving = also;
  }

  @Override
  public void accept(CustomerKey customer, ConversationMessage message) {
    ActorRef<ShardingEnvelope<ConversationMessage>> to = leaving ? another() : own;
    if (to != null) to.tell(new ShardingEnvelope<>(customer.entityId(), message));
  }

  private @Nullable ActorRef<ShardingEnvelope<ConversationMessage>> another() {
    List<ActorRef<ShardingEnvelope<ConversationMessage>>> all = others;
    return all.isEmpty() ? own : all.get(ThreadLocalRandom.current().nextInt(all.size()));
  }
}
