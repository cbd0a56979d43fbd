package org.parley.core.conversation;

import java.time.InstantSource;
import java.util.Map;
import java.util.function.Consumer;
import org.parley.core.api.Channel;
import org.parley.core.campaign.CampaignBook;
import org.parley.core.check.UnsubscribeTokens;
import org.parley.core.delivery.Courier;
import org.parley.core.delivery.OptOuts;
import org.parley.core.policy.Rules;
import org.parley.core.spi.AgentPool;
import org.parley.core.spi.ReplyClassifier;

/**
 * What all conversations of a node share.
 *
 * @param replies how commands of customers are answered
 * @param classifier says what customers mean
 * @param wrote is told each customer whose conversation has written
 */
public record ConversationParts(
    ConversationSettings settings,
    Rules rules,
    CampaignBook book,
    Map<Channel, AgentPool> pools,
    Courier courier,
    OptOuts optOuts,
    UnsubscribeTokens tokens,
    ReplySettings replies,
    ReplyClassifier classifier,
    Consumer<String> wrote,
    InstantSource clock) {}
