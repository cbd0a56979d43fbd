package org.parley.core.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.parley.core.JournalCatalog;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Category;
import org.parley.core.campaign.CampaignEvent.CampaignChanged;
import org.parley.core.spi.Change;
import org.parley.core.spi.DueWorkStore;

class CampaignFoldTest {
  private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
  private static final Instant LATER = NOW.plus(Duration.ofHours(2));
  private static final DueWorkStore.Key START =
      new DueWorkStore.Key("campaign", "default.cmp_a", "start");

  private static CampaignView campaign(CampaignStatus status) {
    return new CampaignView(
        "cmp_a",
        2,
        status,
        new CampaignDefinition(
            "Spring",
            "aud_1",
            Category.MARKETING,
            List.of(),
            new Schedule(Optional.of(LATER), Optional.empty(), Optional.empty()),
            Policy.NONE),
        Optional.of(3L),
        NOW,
        Optional.empty(),
        Optional.empty());
  }

  private static List<Change> changes(CampaignStatus status) {
    return JournalCatalog.changes(
        "campaign|default.cmp_a", new CampaignChanged(campaign(status), NOW));
  }

  @ParameterizedTest
  @EnumSource(CampaignStatus.class)
  void everyChangeBecomesTheRowOfTheCampaignInItsTenant(CampaignStatus status) {
    assertThat(changes(status)).contains(new Change.CampaignChanged("default", campaign(status)));
  }

  @Test
  void aScheduledStartIsDueWork() {
    assertThat(changes(CampaignStatus.SCHEDULED))
        .contains(new Change.DuePut(START, Optional.empty(), LATER));
  }

  @ParameterizedTest
  @EnumSource(value = CampaignStatus.class, mode = EnumSource.Mode.EXCLUDE, names = "SCHEDULED")
  void noOtherStatusWaitsForAStart(CampaignStatus status) {
    assertThat(changes(status))
        .contains(new Change.DueDropped(START))
        .noneMatch(Change.DuePut.class::isInstance);
  }

  @ParameterizedTest
  @EnumSource(CampaignStatus.class)
  void onlyARunningCampaignOpensARun(CampaignStatus status) {
    assertThat(changes(status).contains(new Change.RunOpened("cmp_a")))
        .isEqualTo(status == CampaignStatus.RUNNING);
  }

  @ParameterizedTest
  @EnumSource(CampaignStatus.class)
  void onlyACancellationMakesAllThatWaitsDueAtOnce(CampaignStatus status) {
    assertThat(changes(status).contains(new Change.DueAtOnce("cmp_a", NOW)))
        .isEqualTo(status == CampaignStatus.CANCELLING);
  }
}
