package org.parley.core.engine;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.stream.javadsl.Source;
import org.parley.core.api.Audience;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Simulation;
import org.parley.core.api.StepKey;
import org.parley.core.conversation.ConversationCommand.Foreseen;
import org.parley.core.spi.AudienceStore;
import org.parley.core.spi.Member;

/** Asks conversations what they would decide, and sends nothing. */
final class Rehearsal {
  private static final int ASKED_AT_ONCE = 64;

  private final ActorSystem<?> system;
  private final AudienceStore audiences;
  private final BiFunction<Member, StepKey, CompletionStage<Foreseen>> conversations;

  Rehearsal(
      ActorSystem<?> system,
      AudienceStore audiences,
      BiFunction<Member, StepKey, CompletionStage<Foreseen>> conversations) {
    this.system = system;
    this.audiences = audiences;
    this.conversations = conversations;
  }

  /** The first step of a campaign, for so many members from the beginning of each slice. */
  CompletionStage<Simulation> simulate(CampaignView campaign, Audience audience, int members) {
    StepKey key = new StepKey(campaign.id(), campaign.definition().steps().get(0).id());
    int perSlice = members / AudienceStore.SLICES + 1;
    return Source.range(0, AudienceStore.SLICES - 1)
        .mapAsync(1, slice -> audiences.members(audience.id(), slice, 0, perSlice))
        .mapConcat(page -> page)
        .take(members)
        .mapAsyncUnordered(ASKED_AT_ONCE, member -> conversations.apply(member, key))
        .runFold(Map.<String, Long>of(), Rehearsal::count, system)
        .thenApply(
            decisions ->
                new Simulation(
                    decisions.values().stream().mapToLong(Long::longValue).sum(),
                    audience.accepted(),
                    decisions));
  }

  private static Map<String, Long> count(Map<String, Long> decisions, Foreseen foreseen) {
    Map<String, Long> counted = new TreeMap<>(decisions);
    counted.merge(foreseen.decision(), 1L, Long::sum);
    return counted;
  }
}
