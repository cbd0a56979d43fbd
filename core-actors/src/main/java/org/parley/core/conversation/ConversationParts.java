package org.parley.core.conversation;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.parley.core.api.Channel;
import org.parley.core.campaign.CampaignBook;
import org.parley.core.check.UnsubscribeTokens;
import org.parley.core.delivery.Courier;
import org.parley.core.delivery.OptOuts;
import org.parley.core.policy.Rules;
import org.parley.core.spi.AgentPool;
import org.parley.core.spi.JournalHead;
import org.parley.core.spi.ReplyClassifier;

/**
 * What all conversations of a node share.
 *
 * @param journal says whether an incarnation is behind
 * @param replies how commands of customers are answered
 * @param classifier says what customers mean
 * @param epoch the life of this node
 * @param nanoClock {@code System.nanoTime}, or a test's
 * @param awakeClock by which outcomes are late, in nanoseconds
 * @param wrote is told each customer whose conversation has written
 * @param journalConfig see {@link #whole}
 */
public record ConversationParts(
    ConversationSettings settings,
    Rules rules,
    CampaignBook book,
    JournalHead journal,
    Map<Channel, AgentPool> pools,
    Courier courier,
    OptOuts optOuts,
    UnsubscribeTokens tokens,
    ReplySettings replies,
    ReplyClassifier classifier,
    Consumer<String> wrote,
    long epoch,
    InstantSource clock,
    LongSupplier nanoClock,
    LongSupplier awakeClock,
    Config journalConfig) {

  /**
   * A system's configuration in a form that takes no fallbacks. Pekko lays each entity's own
   * journal settings over the system's whenever an entity starts; from this it gets the same result
   * without merging a thousand keys.
   */
  public static Config whole(Config config) {
    return config.root().withFallback(ConfigValueFactory.fromAnyRef("none")).toConfig();
  }
}
