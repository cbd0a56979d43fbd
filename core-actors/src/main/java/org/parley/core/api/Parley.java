package org.parley.core.api;

import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;

/**
 * The engine, on the embedder's own actor system. Every future fails with {@link RefusedException}
 * when the domain says no, and with {@link java.util.concurrent.TimeoutException} when no answer
 * came in time: then the same call with the same ids may be made again and does nothing twice.
 */
public interface Parley {

  // ---- audiences

  /** Creates an empty audience; the same id again answers what is there. */
  CompletionStage<Audience> createAudience(String audienceId, String name);

  /**
   * Replaces the members of an audience that no campaign has frozen. Nothing changes unless the
   * whole stream was read; bad rows are left out and reported, good rows go on.
   *
   * @param in CSV or NDJSON in UTF-8; read on a thread of its own, and closed
   */
  CompletionStage<ImportReport> importMembers(
      String audienceId, InputStream in, AudienceFormat format);

  CompletionStage<Audience> audience(String audienceId);

  CompletionStage<Page<Reject>> rejects(String audienceId, Optional<String> cursor, int limit);

  // ---- campaigns

  /**
   * Makes a draft durable.
   *
   * @param campaignId chosen by the caller, see {@link Ids#campaign}; the same id and definition
   *     again answers what is there
   */
  CompletionStage<CampaignView> createCampaign(String campaignId, CampaignDefinition definition);

  /** Replaces the definition of a draft or scheduled campaign, if it is still at a version. */
  CompletionStage<CampaignView> editCampaign(
      String campaignId, Optional<Long> ifVersion, CampaignDefinition definition);

  CompletionStage<CampaignView> campaign(String campaignId);

  /** Freezes the audience and runs, or waits for the schedule's start. */
  CompletionStage<CampaignView> startCampaign(String campaignId);

  CompletionStage<CampaignView> pauseCampaign(String campaignId);

  CompletionStage<CampaignView> resumeCampaign(String campaignId);

  CompletionStage<CampaignView> cancelCampaign(String campaignId);

  CompletionStage<Page<CampaignView>> campaigns(
      Optional<CampaignStatus> status, Optional<String> cursor, int limit);

  CompletionStage<CampaignProgress> progress(String campaignId);

  CompletionStage<Latency> latency(String campaignId);

  CompletionStage<CampaignPerformance> performance(String campaignId);

  CompletionStage<Page<Communication>> recipients(
      String campaignId, Optional<Communication.State> state, Optional<String> cursor, int limit);

  /** A step with a known customer's values, or with those given. */
  CompletionStage<Preview> preview(
      String campaignId, Optional<String> stepId, Optional<String> customerId, Profile otherwise);

  /** Asks the conversations of the first members what they would decide; sends nothing. */
  CompletionStage<Simulation> simulate(String campaignId, int members);

  /** Sends a step to one customer as a single transactional message. */
  CompletionStage<Communication> testSend(
      String messageId, String campaignId, Optional<String> stepId, String customerId);

  // ---- customers

  CompletionStage<CustomerView> customer(String customerId);

  CompletionStage<CustomerView> updateCustomer(
      String customerId, Optional<Long> ifVersion, Profile profile);

  CompletionStage<CustomerView> changeConsent(
      String customerId,
      Optional<Long> ifVersion,
      Map<Channel, ConsentState> changes,
      String source);

  CompletionStage<CustomerContext> context(String customerId);

  CompletionStage<Page<Communication>> timeline(
      String customerId, Optional<String> cursor, int limit);

  /** Makes one message durable; it is sent as soon as the rules allow. */
  CompletionStage<Communication> sendMessage(
      String messageId, String customerId, MessageRequest request);

  CompletionStage<Communication> message(String messageId);

  CompletionStage<CustomerView> recordReply(
      String customerId,
      String carrierMessageId,
      Channel channel,
      String text,
      Optional<StepKey> inReplyTo);

  /**
   * A person takes the conversation over: marketing campaigns hold until the {@link #release},
   * transactional ones and single messages, which is how the person answers, pass. Again, it
   * changes nothing.
   *
   * @param reason for people, at most 200 characters on one line
   */
  CompletionStage<CustomerView> handoff(String customerId, String reason);

  /** The person gives the conversation back, and what it held is judged again at once. */
  CompletionStage<CustomerView> release(String customerId);

  /** Opts a customer out by the token of their unsubscribe link (RFC 8058). */
  CompletionStage<Done> unsubscribe(String token);

  /** The live conversation of a customer, for those who ask from their own actors. */
  EntityRef<ConversationMessage> conversation(String customerId);

  /** Calls back with the customer's id after each write to a conversation on this node. */
  AutoCloseable onConversationWrite(java.util.function.Consumer<String> listener);
}
