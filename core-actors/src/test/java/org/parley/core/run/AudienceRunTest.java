package org.parley.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignDefinition.Step;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.Template;
import org.parley.core.campaign.CampaignBook;
import org.parley.core.conversation.ConversationCommand.Verdict.Kind;

class AudienceRunTest {
  private static final Instant MORNING = Instant.parse("2026-11-24T10:00:00Z");

  private final RunDesk desk = new RunDesk();
  private final Map<String, CampaignView> campaigns = new ConcurrentHashMap<>();
  private final List<String> completed = new CopyOnWriteArrayList<>();
  private long version = 1;

  @AfterEach
  void close() {
    desk.close();
  }

  private void start(int slice) {
    CampaignBook book =
        new CampaignBook(
            id -> CompletableFuture.completedFuture(Optional.ofNullable(campaigns.get(id))),
            () -> MORNING);
    desk.spawn(
        AudienceRun.create(new AudienceRun.Parts(desk.parts(), book, completed::add), slice));
  }

  private void put(String id, CampaignStatus status) {
    put(id, status, 3, Optional.empty());
  }

  private void put(String id, CampaignStatus status, long size, Optional<Integer> perSecond) {
    campaigns.put(
        id,
        new CampaignView(
            id,
            ++version,
            status,
            new CampaignDefinition(
                "Spring",
                "aud_1",
                Category.MARKETING,
                List.of(
                    new Step("hello", Channel.EMAIL, Optional.empty(), Template.text("Hi", "Hi")),
                    new Step("nudge", Channel.EMAIL, Optional.empty(), Template.text("Hi", "Hi"))),
                Schedule.NOW,
                Policy.NONE),
            Optional.of(size),
            MORNING,
            Optional.of(MORNING),
            Optional.empty()));
    desk.runs.put(id, status, perSecond);
  }

  /** Lets time pass, poll by poll, until something holds. */
  private void awaitPolling(String what, Callable<Boolean> holds) {
    Awaitility.await(what)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .until(
            () -> {
              desk.pass(RunDesk.SETTINGS.pollEvery());
              return holds.call();
            });
  }

  /** Lets whole polls pass. */
  private void polls(int count) {
    int enough = desk.runs.looks.get() + count;
    awaitPolling("polls", () -> desk.runs.looks.get() >= enough);
  }

  @Test
  void aRunOfARunningCampaignAsksItsMembersForTheFirstStep() {
    desk.audiences.members.addAll(RunDesk.members(25));
    put("cmp_a", CampaignStatus.RUNNING);
    start(0);
    awaitPolling("the run ends", desk.runs.open::isEmpty);
    assertThat(desk.positions()).containsExactlyElementsOf(RunDesk.upTo(25));
    assertThat(desk.asked).allMatch(ask -> ask.key().stepId().equals("hello"));
    polls(3);
    assertThat(desk.asked).as("nobody is asked again").hasSize(25);
  }

  @Test
  void aSlowDatabaseIsNotAskedAgainBeforeItHasAnswered() {
    desk.audiences.members.addAll(RunDesk.members(5));
    put("cmp_a", CampaignStatus.RUNNING);
    desk.runs.until = new CompletableFuture<>();
    start(0);
    awaitPolling("the first look", () -> desk.runs.looks.get() > 0);
    for (int i = 0; i < 10; i++) desk.pass(RunDesk.SETTINGS.pollEvery());
    desk.runs.until.complete(true);
    awaitPolling("the run ends", desk.runs.open::isEmpty);
    assertThat(desk.runs.atOnce).as("looks under way at a time").hasValue(1);
  }

  @Test
  void aCancelledCampaignsMembersAreAskedTooSoThatEachIsRefused() {
    desk.audiences.members.addAll(RunDesk.members(5));
    put("cmp_a", CampaignStatus.CANCELLING);
    desk.answers = ask -> Optional.of(Kind.REFUSED);
    start(0);
    awaitPolling("the run ends", desk.runs.open::isEmpty);
    assertThat(desk.asked).hasSize(5);
  }

  @Test
  void aPauseStopsARunAndAResumeGoesOnBehindTheCursor() {
    desk.audiences.members.addAll(RunDesk.members(20));
    put("cmp_a", CampaignStatus.RUNNING);
    desk.answers = ask -> ask.position() <= 5 ? Optional.of(Kind.SETTLED) : Optional.empty();
    start(0);
    awaitPolling(
        "the cursor is durable", () -> desk.asked.size() >= 13 && desk.runs.cursor("cmp_a") == 5);
    put("cmp_a", CampaignStatus.PAUSED);
    polls(3);
    int asked = desk.asked.size();
    desk.pass(RunDesk.SETTINGS.askAgainAfter().multipliedBy(2));
    polls(1);
    assertThat(desk.asked).as("a paused campaign asks nobody").hasSize(asked);

    desk.asked.clear();
    desk.answers = ask -> Optional.of(Kind.SETTLED);
    put("cmp_a", CampaignStatus.RUNNING);
    awaitPolling("the run ends", desk.runs.open::isEmpty);
    assertThat(desk.positions()).containsExactlyElementsOf(RunDesk.upTo(20).subList(5, 20));
  }

  @Test
  void aCampaignThatDoesNotAnswerIsLookedUpAgain() {
    desk.audiences.members.addAll(RunDesk.members(3));
    put("cmp_a", CampaignStatus.RUNNING);
    CampaignView known = Objects.requireNonNull(campaigns.remove("cmp_a"));
    start(0);
    polls(3);
    assertThat(desk.asked).isEmpty();
    campaigns.put("cmp_a", known);
    awaitPolling("the run ends", desk.runs.open::isEmpty);
    assertThat(desk.asked).hasSize(3);
  }

  @Test
  void noMoreCampaignsAreWorkedOnAtATimeThanAllowed() {
    desk.audiences.members.addAll(RunDesk.members(3));
    desk.answers = ask -> Optional.empty();
    for (String id : List.of("cmp_a", "cmp_b", "cmp_c")) put(id, CampaignStatus.RUNNING);
    start(0);
    awaitPolling("two are begun", () -> desk.asked.size() >= 6);
    polls(3);
    assertThat(desk.asked).extracting(a -> a.key().campaignId()).doesNotContain("cmp_c");
    desk.answers = ask -> Optional.of(Kind.SETTLED);
    desk.pass(RunDesk.SETTINGS.askAgainAfter().multipliedBy(2));
    awaitPolling("all end", desk.runs.open::isEmpty);
    assertThat(desk.asked).extracting(a -> a.key().campaignId()).contains("cmp_c");
  }

  @Test
  void aSliceGoesAtItsPartOfTheCampaignsRate() {
    desk.audiences.members.addAll(RunDesk.members(100));
    put("cmp_a", CampaignStatus.RUNNING, 2_400, Optional.of(480));
    start(0);
    awaitPolling("it runs", () -> desk.audiences.reads.get() > 0);
    // A second's worth at most of 20 a second; an eighth of the rate would be 60.
    desk.pass(Duration.ofSeconds(10));
    Awaitility.await("a second's worth").until(() -> desk.asked.size() >= 20);
    desk.pass(RunDesk.BEAT);
    assertThat(desk.asked).hasSizeLessThan(40);
  }

  @Test
  void onlyTheFirstSliceTellsCampaignsThatAllAreFinished() {
    desk.runs.completed.add("cmp_done");
    start(1);
    polls(3);
    assertThat(completed).isEmpty();
    start(0);
    awaitPolling("the campaign is told", () -> completed.contains("cmp_done"));
  }
}
