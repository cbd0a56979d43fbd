package org.parley.core.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.longs;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.junit.jupiter.api.Test;
import org.parley.core.api.AttemptId;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignDefinition.After;
import org.parley.core.api.CampaignDefinition.Fallback;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignDefinition.Step;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Intent;
import org.parley.core.api.Outcome;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;
import org.parley.core.api.Trigger;
import org.parley.core.conversation.ConversationCommand.ReturnTaken;
import org.parley.core.conversation.ConversationCommand.TakeReceipt;
import org.parley.core.conversation.ConversationEvent.OutreachGranted;
import org.parley.core.conversation.ConversationEvent.OutreachHeld;
import org.parley.core.conversation.ConversationEvent.OutreachRefused;
import org.parley.core.conversation.ConversationEvent.Standing;
import org.parley.core.conversation.ConversationEvent.StepSkipped;
import org.parley.core.conversation.Touch.Phase;
import org.parley.core.spi.Change;

/**
 * Whatever happens to a customer in a campaign, the counts of the read side fit what they went
 * through.
 */
class ReportsAddUpTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final CustomerKey ADA = CustomerKey.of("ada");
  private static final ConversationSettings SETTINGS =
      new ConversationSettings(
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          Duration.ofMinutes(7),
          Duration.ofMinutes(6),
          List.of(Duration.ofSeconds(5), Duration.ofSeconds(30)),
          1,
          16,
          0);
  private static final CampaignDefinition CAMPAIGN =
      new CampaignDefinition(
          "Spring",
          "aud_1",
          Category.MARKETING,
          List.of(
              new Step(
                  "hello",
                  Channel.EMAIL,
                  Optional.empty(),
                  Template.text("Hello", "Hello"),
                  Optional.of(
                      new Fallback(
                          Optional.of(Channel.EMAIL),
                          Optional.of(Template.text("Hello", "Hello")),
                          Optional.empty()))),
              Desk.after("nudge", follows("hello", Trigger.NO_REPLY)),
              Desk.after("thanks", follows("hello", Trigger.REPLY)),
              Desk.after("answer", follows("hello", Trigger.REPLY_QUESTION)),
              Desk.after("other", follows("hello", Trigger.FAILED)),
              Desk.after("last", follows("nudge", Trigger.DELIVERED))),
          Schedule.NOW,
          Policy.NONE);

  @Test
  void theCountsOfACustomerAreTheirStandingAtEveryMoment() {
    qt().forAll(longs().all())
        .check(
            seed -> {
              Life life = new Life(new Random(seed));
              for (int i = 0; i < 40; i++) {
                life.step();
                life.assertCountsFit();
              }
              return true;
            });
  }

  private static After follows(String step, Trigger on) {
    return new After(step, on, Duration.ofHours(1), Optional.empty());
  }

  /** A random but possible history of one customer in one campaign, folded as it goes. */
  private static final class Life {
    private final Random random;
    private final Map<String, Long> counts = new HashMap<>();
    private ConversationState state = ConversationState.EMPTY;

    Life(Random random) {
      this.random = random;
    }

    void step() {
      int chosen = random.nextInt(CAMPAIGN.steps().size() + 1);
      StepKey key =
          new StepKey(
              "cmp",
              chosen == CAMPAIGN.steps().size()
                  ? "hello.fallback"
                  : CAMPAIGN.steps().get(chosen).id());
      Optional<Touch> touch = state.touch(key);
      if (touch.isEmpty()) {
        if (key.stepId().equals("hello")) engage(key, touch);
        return;
      }
      switch (touch.get().phase()) {
        case SCHEDULED, HELD, AWAITING_REPLY -> {
          Optional<String> skip = NextStep.skip(CAMPAIGN, state, touch.get());
          if (skip.isPresent()) {
            write(
                new StepSkipped(
                    key, Channel.EMAIL, skip.get(), touch.get().seen(), Optional.empty(), NOW));
          } else {
            engage(key, touch);
          }
        }
        case GRANTED, UNKNOWN -> {
          if (random.nextInt(4) == 0) receipt(touch.get());
          else settle(touch.get());
        }
        case DELIVERED -> {
          if (random.nextInt(3) == 0) receipt(touch.get());
          else reply(key);
        }
        default -> {}
      }
    }

    private void engage(StepKey key, Optional<Touch> touch) {
      var was = touch.flatMap(Touch::seen);
      int number = touch.map(Touch::number).orElse(0) + 1;
      switch (random.nextInt(4)) {
        case 0 ->
            write(
                new OutreachRefused(
                    key, Channel.EMAIL, "optedOut", Optional.empty(), was, Optional.empty(), NOW));
        case 1 ->
            write(
                new OutreachHeld(
                    key,
                    Channel.EMAIL,
                    "quietHours",
                    Optional.empty(),
                    Optional.empty(),
                    NOW,
                    was,
                    Optional.empty(),
                    NOW));
        default ->
            write(
                new OutreachGranted(
                    key,
                    Channel.EMAIL,
                    AttemptId.of(ADA, key, number),
                    number,
                    true,
                    Optional.empty(),
                    Optional.empty(),
                    NOW,
                    was,
                    Optional.empty(),
                    NOW));
      }
    }

    private void settle(Touch touch) {
      Outcome outcome =
          switch (random.nextInt(5)) {
            case 0 -> Outcome.rejected("main", "mailboxUnavailable", "no");
            case 1 -> Outcome.notSent("main", "connectFailed", "no");
            case 2 -> Outcome.unknown("noOutcome");
            case 3 -> Outcome.notSent("cancelled");
            default -> Outcome.accepted("main", Optional.empty());
          };
      if (!Settlement.isNews(touch, outcome, Optional.empty())) return;
      List<ConversationEvent> events =
          Settlement.events(state, touch, outcome, CAMPAIGN, SETTINGS, NOW);
      write(events.toArray(ConversationEvent[]::new));
    }

    private void reply(StepKey key) {
      Intent intent = random.nextBoolean() ? Intent.QUESTION : Intent.OUT_OF_OFFICE;
      List<ConversationEvent> events = new ArrayList<>();
      events.add(
          new ConversationEvent.ReplyReceived(
              "in-" + random.nextInt(),
              Channel.EMAIL,
              "Yes",
              Optional.of(key),
              Optional.of(intent),
              Optional.empty(),
              Optional.empty(),
              NOW));
      events.addAll(NextStep.afterReply(CAMPAIGN, state, key, intent, NOW));
      write(events.toArray(ConversationEvent[]::new));
    }

    private void receipt(Touch touch) {
      TakeReceipt told =
          new TakeReceipt(
              touch.attempt(),
              random.nextBoolean(),
              Optional.of("absent"),
              "main",
              "ref-1",
              NOW,
              TestInbox.<ReturnTaken>create().getRef());
      write(Receipts.events(state, touch, told, CAMPAIGN, NOW).toArray(ConversationEvent[]::new));
    }

    private void write(ConversationEvent... events) {
      for (ConversationEvent event : state.withMove("cmp", List.of(events))) {
        state = state.after(event);
        for (Change change : ConversationFold.changes(ADA.entityId(), event)) {
          if (change instanceof Change.Counted counted) {
            counts.merge(counted.kind() + ' ' + counted.name(), counted.by(), Long::sum);
          }
        }
      }
    }

    void assertCountsFit() {
      Standing standing = state.standing("cmp");
      for (Standing each : Standing.values()) {
        if (each == Standing.PENDING) continue;
        String name = "recipient " + each.name().toLowerCase(java.util.Locale.ROOT);
        assertThat(counts.getOrDefault(name, 0L)).as(name).isEqualTo(each == standing ? 1 : 0);
      }
      assertThat(counts.getOrDefault("recipient finished", 0L))
          .as("finished")
          .isEqualTo(state.isFinished("cmp") ? 1 : 0);
      for (Touch touch : state.touches()) {
        if (touch.phase() == Phase.GRANTED) continue;
        touch
            .seen()
            .ifPresent(
                seen -> {
                  String name = "step " + touch.key().stepId() + '/' + seen.label();
                  assertThat(counts.getOrDefault(name, 0L)).as(name).isEqualTo(1);
                });
      }
      counts.forEach((name, count) -> assertThat(count).as(name).isNotNegative());
      assertReasonFits(standing);
    }

    /** Whoever was not reached is counted under one reason, which ended a touch; nobody else is. */
    private void assertReasonFits(Standing standing) {
      Phase ended =
          switch (standing) {
            case SUPPRESSED -> Phase.SUPPRESSED;
            case FAILED -> Phase.FAILED;
            case UNKNOWN -> Phase.UNKNOWN;
            case PENDING, HELD, DELIVERED -> null;
          };
      List<String> reasons =
          state.touches().stream()
              .filter(touch -> touch.phase() == ended)
              .flatMap(touch -> touch.reason().stream())
              .toList();
      List<String> counted =
          counts.entrySet().stream()
              .filter(count -> count.getKey().startsWith("reason ") && count.getValue() != 0)
              .map(count -> count.getKey().substring("reason ".length()))
              .toList();
      assertThat(counted).hasSize(ended == null ? 0 : 1);
      assertThat(reasons).containsAll(counted);
      counts.forEach(
          (name, count) -> {
            if (name.startsWith("reason ")) assertThat(count).as(name).isBetween(0L, 1L);
          });
    }
  }
}
