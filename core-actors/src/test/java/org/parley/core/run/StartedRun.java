package org.parley.core.run;

import java.time.Duration;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.parley.core.campaign.CampaignBook;

/** A run over a slice as {@link AudienceRun#start} starts it, on no cluster. */
public final class StartedRun {
  private StartedRun() {}

  public static Behavior<Object> of(
      SliceRun.Parts slice, CampaignBook book, Consumer<String> complete, int number) {
    return Behaviors.supervise(
            AudienceRun.create(new AudienceRun.Parts(slice, book, complete), number))
        .onFailure(
            SupervisorStrategy.restartWithBackoff(
                Duration.ofSeconds(1), Duration.ofSeconds(30), 0.2));
  }
}
