package org.parley.core.simulation;

import java.time.Duration;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignDefinition.After;
import org.parley.core.api.CampaignDefinition.Fallback;
import org.parley.core.api.CampaignDefinition.FrequencyCap;
import org.parley.core.api.CampaignDefinition.OnLimit;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.QuietHours;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignDefinition.Step;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.Template;
import org.parley.core.api.Trigger;

/** Draws campaigns. */
final class Campaigns {
  private static final List<Trigger> TRIGGERS =
      List.of(
          Trigger.DELIVERED,
          Trigger.NO_REPLY,
          Trigger.REPLY,
          Trigger.FAILED,
          Trigger.REPLY_QUESTION);
  private static final Template TEMPLATE = Template.text("Hello", "Hello");

  private Campaigns() {}

  static String id(int number) {
    return "campaign-" + number;
  }

  static boolean isOne(String entityId) {
    return entityId.startsWith("campaign-");
  }

  static CampaignDefinition draw(SplittableRandom random) {
    List<Step> steps = new ArrayList<>();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      Optional<After> after = i == 0 ? Optional.empty() : Optional.of(after(random, i));
      Channel channel = channel(random);
      steps.add(new Step("s" + i, channel, after, TEMPLATE, fallback(random, channel)));
    }
    return new CampaignDefinition(
        "Spring",
        "audience",
        random.nextInt(6) == 0 ? Category.TRANSACTIONAL : Category.MARKETING,
        steps,
        schedule(random),
        policy(random));
  }

  static Channel channel(SplittableRandom random) {
    int drawn = random.nextInt(10);
    return drawn < 5 ? Channel.EMAIL : drawn < 8 ? Channel.SMS : Channel.PHONE;
  }

  private static After after(SplittableRandom random, int number) {
    Duration delay =
        switch (random.nextInt(4)) {
          case 0 -> Duration.ZERO;
          case 1 -> Duration.ofMinutes(1);
          case 2 -> Duration.ofMinutes(50);
          default -> Duration.ofDays(1);
        };
    return new After(
        "s" + random.nextInt(number),
        TRIGGERS.get(random.nextInt(TRIGGERS.size())),
        delay,
        Optional.of(Duration.ofMinutes(1 + random.nextInt(120))));
  }

  private static Optional<Fallback> fallback(SplittableRandom random, Channel channel) {
    if (random.nextInt(4) > 0) return Optional.empty();
    if (channel == Channel.PHONE && random.nextInt(2) == 0) {
      return Optional.of(
          new Fallback(Optional.empty(), Optional.empty(), Optional.of(Duration.ofMinutes(5))));
    }
    Channel other = channel == Channel.EMAIL ? Channel.SMS : Channel.EMAIL;
    return Optional.of(new Fallback(Optional.of(other), Optional.of(TEMPLATE), Optional.empty()));
  }

  private static Schedule schedule(SplittableRandom random) {
    if (random.nextInt(6) > 0) return Schedule.NOW;
    return new Schedule(
        Optional.empty(),
        Optional.of(World.START.plusSeconds(60 + random.nextInt(7_200))),
        Optional.empty());
  }

  private static Policy policy(SplittableRandom random) {
    Optional<FrequencyCap> cap = Optional.empty();
    if (random.nextInt(2) == 0) {
      Duration per =
          switch (random.nextInt(3)) {
            case 0 -> Duration.ofMinutes(20);
            case 1 -> Duration.ofHours(3);
            default -> Duration.ofDays(2);
          };
      OnLimit onLimit = random.nextInt(3) == 0 ? OnLimit.SKIP : OnLimit.HOLD;
      cap = Optional.of(new FrequencyCap(1 + random.nextInt(2), per, onLimit));
    }
    Optional<QuietHours> quiet =
        random.nextInt(8) == 0
            ? Optional.of(new QuietHours(LocalTime.of(9, 0), LocalTime.of(10, 1)))
            : Optional.empty();
    Optional<Integer> rate =
        random.nextInt(6) == 0 ? Optional.of(8 + random.nextInt(30)) : Optional.empty();
    return new Policy(cap, quiet, rate);
  }
}
