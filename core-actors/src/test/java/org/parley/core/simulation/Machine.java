package org.parley.core.simulation;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Channel;
import org.parley.core.api.CustomerKey;
import org.parley.core.campaign.Campaign;
import org.parley.core.campaign.CampaignBook;
import org.parley.core.campaign.CampaignCommand;
import org.parley.core.campaign.CampaignCommand.CampaignReply;
import org.parley.core.conversation.Conversation;
import org.parley.core.conversation.ConversationParts;
import org.parley.core.delivery.Courier;
import org.parley.core.delivery.Fence;
import org.parley.core.delivery.Gate;
import org.parley.core.delivery.OptOuts;
import org.parley.core.spi.AgentPool;
import org.parley.core.spi.JournalHead;

/**
 * One process of the cluster: its actors, its clock, its places and what it knows. It may stand
 * still, and it may die in the middle of anything: then its actors run no more, without a word.
 */
final class Machine {
  /** Something that the machine's first actor does. */
  private record Task(Consumer<ActorContext<Task>> work) {}

  private static final long ASK_MILLIS = 10_000;

  private enum State {
    ALIVE,
    STILL,
    DEAD
  }

  private final World world;
  private final String name;
  private final ActorRef<Task> host;
  private final Map<String, ActorRef<Object>> entities = new HashMap<>();
  private final Map<String, ActorRef<Object>> workers = new HashMap<>();
  private final Map<Channel, AgentPool> pools = new EnumMap<>(Channel.class);
  private final CampaignBook book;
  private final Gate gate;
  private final ConversationParts parts;
  private final Campaign.Parts campaigns;
  private State state = State.ALIVE;
  private long stillUntil;
  private long aheadMillis;
  private long steppedAt = -1;

  Machine(World world, ActorContext<?> root, String name) {
    this.world = world;
    this.name = name;
    this.host = root.spawn(Behaviors.setup(Host::new), name);
    InstantSource clock = this::now;
    this.book = new CampaignBook(this::campaign, clock);
    OptOuts optOuts = new OptOuts();
    LongSupplier nanoClock = this::nanos;
    long epoch = world.nextEpoch();
    this.gate = new Gate(book, optOuts, new Fence(epoch), clock, nanoClock);
    for (Channel channel : Channel.values()) pools.put(channel, new Carrier(world, this, channel));
    Courier courier =
        new Courier(
            behavior -> root.spawn(behavior, name + "-courier"),
            (to, message) -> world.tell(this, to.entityId(), message),
            Duration.ofSeconds(10),
            nanoClock);
    JournalHead journal = id -> world.disk().last(id);
    this.parts =
        world.house().parts(book, journal, pools, courier, optOuts, epoch, clock, nanoClock);
    this.campaigns =
        world.house().campaigns(world.script().members().size(), this::becomes, journal, clock);
  }

  // ---- its actors

  /** Hands a message to an entity that lives here, and starts the entity if need be. */
  void deliver(String entityId, Object message) {
    run(
        context -> {
          ActorRef<Object> entity = entities.get(entityId);
          if (entity == null) {
            entity = context.spawnAnonymous(behavior(entityId)).unsafeUpcast();
            entities.put(entityId, entity);
            ActorRef<Object> started = entity;
            context.watchWith(started, new Task(c -> entities.remove(entityId, started)));
          }
          entity.tell(message);
        });
  }

  private Behavior<?> behavior(String entityId) {
    if (!Campaigns.isOne(entityId)) {
      return Conversation.create(
          CustomerKey.parse(entityId), PersistenceId.of(Conversation.TYPE.name(), entityId), parts);
    }
    PersistenceId id = PersistenceId.of(Campaign.TYPE.name(), "default." + entityId);
    return Campaign.create(entityId, id, campaigns);
  }

  /** Stops an entity as a hand-over to another machine does. */
  void stopEntity(String entityId) {
    run(
        context -> {
          ActorRef<Object> entity = entities.remove(entityId);
          if (entity != null) context.stop(entity);
        });
  }

  /** Starts a run over the audience, or a scanner of due work. */
  void startWorker(String worker, Behavior<Object> behavior) {
    run(context -> workers.put(worker, context.spawnAnonymous(behavior)));
  }

  void stopWorker(String worker) {
    run(
        context -> {
          ActorRef<Object> running = workers.remove(worker);
          if (running != null) context.stop(running);
        });
  }

  private void run(Consumer<ActorContext<Task>> work) {
    host.tell(new Task(work));
  }

  // ---- what it knows of campaigns

  /** Asks a campaign; not with Pekko's ask, whose answers come on threads of their own. */
  private CompletionStage<Optional<CampaignView>> campaign(String id) {
    CompletableFuture<Optional<CampaignView>> answer = new CompletableFuture<>();
    run(
        context -> {
          Loop.Timer patience =
              world
                  .loop()
                  .after(
                      ASK_MILLIS,
                      () -> answer.completeExceptionally(new Disk.Unavailable("no answer")));
          ActorRef<CampaignReply> ears =
              context.spawnAnonymous(
                  Behaviors.receive(
                      (c, reply) -> {
                        patience.cancel();
                        answer.complete(reply.campaign());
                        return Behaviors.stopped();
                      }));
          world.tell(this, id, new CampaignCommand.Get(ears));
        });
    return answer;
  }

  private void becomes(CampaignView campaign) {
    book.tell(campaign);
    world.news(this, campaign);
  }

  void hear(CampaignView campaign) {
    later(0, () -> book.tell(campaign));
  }

  // ---- its life

  /** Does something of the process's own, when it is not standing still and not dead. */
  void later(long millis, Runnable task) {
    world
        .loop()
        .after(
            millis,
            () -> {
              if (state == State.ALIVE) task.run();
              else if (state == State.STILL) later(stillUntil - world.loop().now() + 1, task);
            });
  }

  void standStill(long millis) {
    state = State.STILL;
    stillUntil = world.loop().now() + millis;
  }

  void goOn() {
    if (state == State.STILL) state = State.ALIVE;
  }

  void die() {
    state = State.DEAD;
  }

  boolean isAlive() {
    return state == State.ALIVE;
  }

  boolean isDead() {
    return state == State.DEAD;
  }

  /** Sets its clock to another time. */
  void stepClock(long millis) {
    world.say(name, "steps its clock by", String.valueOf(millis));
    aheadMillis += millis;
    steppedAt = world.loop().now();
  }

  /** Whether its clock has been set since a moment. */
  boolean hasStepped(long sinceMillis) {
    return steppedAt >= sinceMillis;
  }

  long aheadMillis() {
    return aheadMillis;
  }

  Instant now() {
    return world.trueTime().plusMillis(aheadMillis);
  }

  /** Its monotonic clock, which nobody sets and which goes on while it stands still. */
  private long nanos() {
    return world.loop().now() * 1_000_000;
  }

  Gate gate() {
    return gate;
  }

  CampaignBook book() {
    return book;
  }

  String name() {
    return name;
  }

  /** Places that are not free, over all channels, and who waits for one. */
  int taken() {
    return pools.values().stream().mapToInt(p -> p.places().taken() + p.places().waiting()).sum();
  }

  /** Runs what it is told, in the order it is told. */
  private static final class Host extends AbstractBehavior<Task> {
    Host(ActorContext<Task> context) {
      super(context);
    }

    @Override
    public Receive<Task> createReceive() {
      return newReceiveBuilder()
          .onMessage(
              Task.class,
              task -> {
                task.work().accept(getContext());
                return this;
              })
          .build();
    }
  }
}
