package org.parley.core.engine;

import com.typesafe.config.Config;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.pubsub.Topic;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.parley.core.api.Channel;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.RenderedMessage;
import org.parley.core.campaign.Campaign;
import org.parley.core.campaign.CampaignBook;
import org.parley.core.campaign.CampaignCommand;
import org.parley.core.campaign.CampaignCommand.CampaignNews;
import org.parley.core.check.UnsubscribeTokens;
import org.parley.core.cluster.ClusterDesk;
import org.parley.core.conversation.Conversation;
import org.parley.core.conversation.ConversationParts;
import org.parley.core.conversation.ConversationSettings;
import org.parley.core.conversation.ReplySettings;
import org.parley.core.conversation.WarmUp;
import org.parley.core.delivery.Courier;
import org.parley.core.delivery.Fence;
import org.parley.core.delivery.Gate;
import org.parley.core.delivery.OptOuts;
import org.parley.core.due.DueWork;
import org.parley.core.policy.PolicySettings;
import org.parley.core.policy.Rules;
import org.parley.core.run.AudienceRun;
import org.parley.core.run.RunSettings;
import org.parley.core.run.SliceRun;
import org.parley.core.spi.AgentPool;
import org.parley.core.spi.AgentPools;
import org.parley.core.spi.AgentTools;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.AwakeClock;
import org.parley.core.spi.Inbound;
import org.parley.core.spi.ReplyClassifier;
import org.parley.core.spi.Stores;

/** The actors of one node, and how they know each other. */
final class NodeActors {
  static final String TENANT = "default";

  private static final Duration WARM_UP = Duration.ofSeconds(10);
  private static final Duration READ_AWAKE = Duration.ofMillis(250);

  private NodeActors() {}

  /** The sharding entity id of a campaign. */
  static String campaignEntity(String tenant, String campaignId) {
    return tenant + '.' + campaignId;
  }

  /**
   * Starts them.
   *
   * @param makePools makes the agent pools, given what they need of the engine
   * @param wrote is told each customer whose conversation has written
   * @param epoch the life of this node
   */
  static void start(
      ActorSystem<?> system,
      Stores stores,
      CampaignBook book,
      UnsubscribeTokens tokens,
      AgentPools makePools,
      Function<Attempt, RenderedMessage> renderer,
      Inbound inbound,
      ReplyClassifier classifier,
      Consumer<String> wrote,
      long epoch,
      InstantSource clock) {
    ClusterSharding sharding = ClusterSharding.get(system);
    Config config = system.settings().config();
    ActorRef<Topic.Command<CampaignNews>> news =
        system.systemActorOf(
            Topic.create(CampaignNews.class, "parley-campaign-news"),
            "parley-campaign-news",
            Props.empty());
    ActorRef<CampaignNews> reader =
        system.systemActorOf(
            Behaviors.receive(CampaignNews.class)
                .onMessage(
                    CampaignNews.class,
                    told -> {
                      book.tell(told.campaign());
                      return Behaviors.same();
                    })
                .build(),
            "parley-campaign-book",
            Props.empty());
    news.tell(Topic.subscribe(reader));

    OptOuts optOuts = new OptOuts();
    Map<Channel, AgentPool> pools = new EnumMap<>(Channel.class);
    Fence fence = new Fence(epoch);
    ActorRef<Object> unusedWatch =
        system.systemActorOf(fence.watch(), "parley-fence", Props.empty());
    Gate gate = new Gate(book, optOuts, fence, clock, System::nanoTime);
    AgentTools tools =
        new AgentTools(
            gate, renderer, inbound, stores.submissions(), stores.carrierOrders(), clock);
    Regions conversations = new Regions();
    ConversationSettings settings = ConversationSettings.from(config);
    Courier courier =
        new Courier(
            behavior -> system.systemActorOf(behavior, "parley-courier", Props.empty()),
            conversations,
            settings.outcomeAgainAfter(),
            System::nanoTime);
    conversations.whenLeaving(courier::hurry);
    ConversationParts parts =
        new ConversationParts(
            settings,
            new Rules(PolicySettings.from(config)),
            book,
            stores.journal(),
            pools,
            courier,
            optOuts,
            tokens,
            ReplySettings.from(config),
            classifier,
            wrote,
            epoch,
            clock,
            System::nanoTime,
            awakeClock(system),
            ConversationParts.whole(config));
    if (Holders.isOne(system)) WarmUp.run(system, TENANT, parts, WARM_UP);
    // What carriers bring from now on waits for the conversations, so not for long.
    for (AgentPool pool : makePools.start(tools)) {
      pools.put(pool.channel(), pool);
    }
    conversations.open(
        system,
        sharding.init(
            Entity.of(
                    Conversation.TYPE,
                    entity ->
                        Conversation.create(
                            CustomerKey.parse(entity.getEntityId()),
                            PersistenceId.of(Conversation.TYPE.name(), entity.getEntityId()),
                            parts))
                .withAllocationStrategy(HandOver.start(system, pools.values()))));
    ClusterDesk.start(system);
    Campaign.Parts campaignParts =
        new Campaign.Parts(
            audience -> stores.audiences().freeze(TENANT, audience),
            campaign -> {
              book.tell(campaign);
              news.tell(Topic.publish(new CampaignNews(campaign)));
            },
            stores.journal(),
            clock);
    var unusedRegion =
        sharding.init(
            Entity.of(
                Campaign.TYPE,
                entity ->
                    Campaign.create(
                        entity.getEntityId().substring(entity.getEntityId().indexOf('.') + 1),
                        PersistenceId.of(Campaign.TYPE.name(), entity.getEntityId()),
                        campaignParts)));
    AudienceRun.start(
        system,
        new SliceRun.Parts(
            RunSettings.from(config), stores.audiences(), stores.runs(), conversations, clock),
        book,
        id ->
            sharding
                .entityRefFor(Campaign.TYPE, campaignEntity(TENANT, id))
                .tell(new CampaignCommand.Complete()));
    DueWork.start(
        system,
        new DueWork.Parts(
            DueWork.Settings.from(config),
            stores.dueWork(),
            conversations,
            entityId -> sharding.entityRefFor(Campaign.TYPE, entityId),
            clock));
  }

  private static LongSupplier awakeClock(ActorSystem<?> system) {
    AwakeClock awake = new AwakeClock(System::nanoTime);
    Cancellable unused =
        system
            .scheduler()
            .scheduleAtFixedRate(
                READ_AWAKE, READ_AWAKE, awake::getAsLong, system.executionContext());
    return awake;
  }
}
