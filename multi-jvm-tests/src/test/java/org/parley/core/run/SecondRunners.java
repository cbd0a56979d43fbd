package org.parley.core.run;

import java.time.Clock;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.parley.core.api.Parley;
import org.parley.core.campaign.CampaignBook;
import org.parley.core.conversation.Conversation;
import org.parley.core.spi.AudienceStore;
import org.parley.core.spi.Stores;

/** A second runner for every slice, as when the cluster believes that the first one is dead. */
public final class SecondRunners {
  private SecondRunners() {}

  /** Starts them on this node, beside those that the cluster has. */
  public static void start(ActorSystem<?> system, Stores stores, Parley parley) {
    CampaignBook book =
        new CampaignBook(id -> parley.campaign(id).thenApply(Optional::of), Clock.systemUTC());
    ClusterSharding sharding = ClusterSharding.get(system);
    SliceRun.Parts parts =
        new SliceRun.Parts(
            RunSettings.from(system.settings().config()),
            stores.audiences(),
            stores.runs(),
            (customer, message) ->
                sharding.entityRefFor(Conversation.TYPE, customer.entityId()).tell(message),
            Clock.systemUTC());
    for (int slice = 0; slice < AudienceStore.SLICES; slice++) {
      var unused =
          system.systemActorOf(
              AudienceRun.create(new AudienceRun.Parts(parts, book, id -> {}), slice),
              "second-runner-" + slice,
              Props.empty());
    }
  }
}
