package org.parley.persistence.readside;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.StepKey;
import org.parley.core.spi.Change;
import org.parley.core.spi.DueWorkStore;

class ChangeGroupTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final DueWorkStore.Key KEY = new DueWorkStore.Key("conversation", "c", "step");

  private static Communication touch(Communication.State state) {
    return new Communication(
        "c1",
        new StepKey("cmp_a", "hello"),
        Channel.EMAIL,
        state,
        Optional.empty(),
        1,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        NOW);
  }

  private static CampaignView campaign() {
    CampaignDefinition definition =
        new CampaignDefinition(
            "Sale",
            "aud_a",
            Category.MARKETING,
            List.of(),
            CampaignDefinition.Schedule.NOW,
            CampaignDefinition.Policy.NONE);
    return new CampaignView(
        "cmp_a",
        1,
        CampaignStatus.DRAFT,
        definition,
        Optional.empty(),
        NOW,
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void everyKindOfChangeHasItsPlace() {
    List<Change> one =
        List.of(
            new Change.CommunicationChanged("default", touch(Communication.State.HELD)),
            new Change.Counted("cmp_a", "recipient", "held", 1),
            new Change.CampaignChanged("default", campaign()),
            new Change.RunOpened("cmp_a"),
            new Change.DuePut(KEY, Optional.empty(), NOW),
            new Change.DueDropped(KEY),
            new Change.DueAtOnce("cmp_a", NOW),
            new Change.AddressesKnown("default", "c1", Optional.of("a@b.at"), Optional.empty()));
    Set<Class<?>> known = one.stream().map(Object::getClass).collect(Collectors.toSet());
    assertThat(known).containsExactlyInAnyOrder(Change.class.getPermittedSubclasses());
    for (Change change : one) {
      ChangeGroup group = new ChangeGroup();
      assertThat(group.isEmpty()).isTrue();
      group.add(change);
      assertThat(group.isEmpty()).as(change.toString()).isFalse();
    }
  }

  @Test
  void ofSeveralChangesOfOneRowTheLastIsLeftAndCountsAreSums() {
    ChangeGroup group = new ChangeGroup();
    for (Communication.State state : Arrays.asList(Communication.State.values())) {
      group.add(new Change.CommunicationChanged("default", touch(state)));
      group.add(new Change.Counted("cmp_a", "recipient", "held", 2));
    }
    group.add(new Change.Counted("cmp_a", "recipient", "held", -16));
    group.add(new Change.DuePut(KEY, Optional.of("cmp_a"), NOW));
    group.add(new Change.DueDropped(KEY));
    assertThat(group.communications().values())
        .containsExactly(touch(Communication.State.RECEIVED));
    assertThat(group.counters())
        .isEqualTo(Map.of(new ChangeGroup.CounterKey("cmp_a", "recipient", "held"), 0L));
    assertThat(group.dueWork()).isEqualTo(Map.of(KEY, Optional.empty()));
  }
}
