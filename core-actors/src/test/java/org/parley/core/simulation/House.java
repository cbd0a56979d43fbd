package org.parley.core.simulation;

import com.typesafe.config.Config;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.parley.core.api.Audience;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Channel;
import org.parley.core.api.Intent;
import org.parley.core.campaign.Campaign;
import org.parley.core.campaign.CampaignBook;
import org.parley.core.check.UnsubscribeTokens;
import org.parley.core.conversation.ConversationParts;
import org.parley.core.conversation.ConversationSettings;
import org.parley.core.conversation.ReplySettings;
import org.parley.core.delivery.Courier;
import org.parley.core.delivery.OptOuts;
import org.parley.core.due.DueWork;
import org.parley.core.policy.PolicySettings;
import org.parley.core.policy.Rules;
import org.parley.core.run.RunSettings;
import org.parley.core.spi.AgentPool;
import org.parley.core.spi.JournalHead;
import org.parley.core.spi.ReplyClassifier;
import org.parley.core.spi.ReplyClassifier.Meaning;
import org.parley.core.spi.ReplyClassifier.Sentiment;

/** What all machines of all schedules are configured with. */
final class House {
  static final Duration GRANT_LIFE = Duration.ofSeconds(30);

  private final ConversationSettings conversations =
      new ConversationSettings(
          GRANT_LIFE,
          Duration.ofSeconds(60),
          Duration.ofSeconds(90),
          Duration.ofMinutes(6),
          List.of(Duration.ofSeconds(5), Duration.ofSeconds(30)),
          1,
          2,
          0);
  private final Rules rules =
      new Rules(new PolicySettings(Optional.empty(), ZoneId.of("UTC"), false));
  private final UnsubscribeTokens tokens = new UnsubscribeTokens(new byte[32]);
  private final ReplySettings replies;
  private final Config journal;

  House(Config config) {
    replies = ReplySettings.from(config);
    journal = ConversationParts.whole(config);
  }

  RunSettings runs() {
    return new RunSettings(
        2, 10, 100, Duration.ofSeconds(2), Duration.ofSeconds(15), Duration.ofSeconds(2), 2);
  }

  DueWork.Settings dueWork() {
    return new DueWork.Settings(2, 4, Duration.ofMillis(Loop.POLL_MILLIS), Duration.ofMinutes(2));
  }

  ConversationParts parts(
      CampaignBook book,
      JournalHead head,
      Map<Channel, AgentPool> pools,
      Courier courier,
      OptOuts optOuts,
      long epoch,
      InstantSource clock,
      LongSupplier nanoClock) {
    return new ConversationParts(
        conversations,
        rules,
        book,
        head,
        pools,
        courier,
        optOuts,
        tokens,
        replies,
        House::meaning,
        id -> {},
        epoch,
        clock,
        nanoClock,
        nanoClock,
        journal);
  }

  /** One who writes STOP means it; all else is a question or a notice. */
  private static Meaning meaning(String text, Channel channel, Optional<String> locale) {
    Optional<ReplyClassifier.Keyword> keyword =
        text.equals("STOP") ? Optional.of(ReplyClassifier.Keyword.STOP) : Optional.empty();
    Intent intent = text.equals("Away") ? Intent.OUT_OF_OFFICE : Intent.QUESTION;
    return new Meaning(keyword, intent, 1, Sentiment.NEUTRAL);
  }

  Campaign.Parts campaigns(
      long members, Consumer<CampaignView> news, JournalHead head, InstantSource clock) {
    return new Campaign.Parts(
        audience ->
            CompletableFuture.completedFuture(
                Optional.of(
                    new Audience(
                        audience,
                        audience,
                        Audience.Status.FROZEN,
                        List.of(),
                        members,
                        0,
                        World.START))),
        news,
        head,
        clock);
  }
}
