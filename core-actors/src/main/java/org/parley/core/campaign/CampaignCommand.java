package org.parley.core.campaign;

import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.parley.core.api.Audience;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Refusal;
import org.parley.core.spi.WireMessage;

/** What may be asked of a campaign. */
public sealed interface CampaignCommand extends WireMessage {

  record Create(CampaignDefinition definition, ActorRef<CampaignReply> replyTo)
      implements CampaignCommand {}

  record Edit(
      CampaignDefinition definition, Optional<Long> ifVersion, ActorRef<CampaignReply> replyTo)
      implements CampaignCommand {}

  record Get(ActorRef<CampaignReply> replyTo) implements CampaignCommand {}

  record Start(ActorRef<CampaignReply> replyTo) implements CampaignCommand {}

  record Pause(ActorRef<CampaignReply> replyTo) implements CampaignCommand {}

  record Resume(ActorRef<CampaignReply> replyTo) implements CampaignCommand {}

  record Cancel(ActorRef<CampaignReply> replyTo) implements CampaignCommand {}

  /** Every recipient is finished. */
  record Complete() implements CampaignCommand {}

  /** The row of due work for the scheduled start has come to its time. */
  record Wake(ActorRef<CampaignReply> replyTo) implements CampaignCommand {}

  /** The audience answered. Stays on this node. */
  record AudienceFrozen(
      CampaignCommand waiting, Optional<Audience> audience, Optional<String> failure)
      implements CampaignCommand {}

  /**
   * The journal has said how far it goes, for an answer that waits for that. Stays on this node.
   *
   * @param incarnation whose answer it is
   * @param last the number of the campaign's last event; empty when the journal does not answer
   */
  record Looked(
      CampaignReply answer, ActorRef<CampaignReply> replyTo, int incarnation, Optional<Long> last)
      implements CampaignCommand {}

  /** Either the campaign or why not. */
  record CampaignReply(Optional<CampaignView> campaign, Optional<Refusal> refusal)
      implements WireMessage {}

  /** Told to all nodes when a campaign has changed. */
  record CampaignNews(CampaignView campaign) implements WireMessage {}
}
