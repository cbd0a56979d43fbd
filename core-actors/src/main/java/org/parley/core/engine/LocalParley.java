package org.parley.core.engine;

import com.typesafe.config.Config;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.parley.core.api.Audience;
import org.parley.core.api.AudienceFormat;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignPerformance;
import org.parley.core.api.CampaignProgress;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.ConsentState;
import org.parley.core.api.ConversationAsk;
import org.parley.core.api.ConversationAsk.CustomerReply;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerContext;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.CustomerView;
import org.parley.core.api.ImportReport;
import org.parley.core.api.Latency;
import org.parley.core.api.MessageRequest;
import org.parley.core.api.Page;
import org.parley.core.api.Parley;
import org.parley.core.api.Preview;
import org.parley.core.api.Profile;
import org.parley.core.api.Refusal;
import org.parley.core.api.Refusal.Problem;
import org.parley.core.api.RefusedException;
import org.parley.core.api.Reject;
import org.parley.core.api.Simulation;
import org.parley.core.api.StepKey;
import org.parley.core.audience.AudienceImport;
import org.parley.core.campaign.Campaign;
import org.parley.core.campaign.CampaignBook;
import org.parley.core.campaign.CampaignCommand;
import org.parley.core.campaign.CampaignCommand.CampaignReply;
import org.parley.core.check.DefinitionCheck;
import org.parley.core.check.NotAcceptable;
import org.parley.core.check.ProfileCheck;
import org.parley.core.check.ReturnTokens;
import org.parley.core.check.UnsubscribeTokens;
import org.parley.core.conversation.Conversation;
import org.parley.core.conversation.ConversationCommand.Foresee;
import org.parley.core.conversation.ConversationSettings;
import org.parley.core.conversation.ReplySettings;
import org.parley.core.due.DueWork;
import org.parley.core.policy.PolicySettings;
import org.parley.core.reply.DefaultReplyClassifier;
import org.parley.core.run.RunSettings;
import org.parley.core.spi.AgentPools;
import org.parley.core.spi.AudienceWriter;
import org.parley.core.spi.ReplyClassifier;
import org.parley.core.spi.Stores;
import org.parley.core.template.TemplateTooLarge;

/** The engine of one node: it checks what comes in and asks the actors. */
public final class LocalParley implements Parley {
  private static final String TENANT = NodeActors.TENANT;
  private static final int MAX_SIMULATED = 10_000;
  private static final int MAX_REASON = 200;

  /** It becomes part of a key, and PostgreSQL's keys have an end. */
  private static final int MAX_REFERENCE = 200;

  private final ActorSystem<?> system;
  private final ClusterSharding sharding;
  private final Stores stores;
  private final CampaignBook book;
  private final UnsubscribeTokens tokens;
  private final Letters letters;
  private final Rehearsal rehearsal;
  private final EngineSettings settings;
  private final InstantSource clock;
  private final List<Consumer<String>> writeListeners = new CopyOnWriteArrayList<>();

  /** Done once conversations and campaigns can be asked. */
  private final CompletableFuture<Done> open = new CompletableFuture<>();

  /** Starts everything; see {@link org.parley.core.Engine#start}. */
  public static LocalParley start(
      ActorSystem<?> system,
      Stores stores,
      AgentPools pools,
      InstantSource clock,
      Optional<ReplyClassifier> classifier) {
    UnsubscribeTokens tokens = new UnsubscribeTokens(secret(stores, "unsubscribe"));
    LocalParley parley = new LocalParley(system, stores, tokens, clock);
    Returns returns =
        new Returns(
            TENANT,
            stores,
            new ReturnTokens(secret(stores, "return")),
            parley.settings.profiles(),
            parley::askOnceOpen);
    NodeActors.start(
        system,
        stores,
        parley.book,
        parley.tokens,
        pools,
        parley.letters::render,
        returns,
        classifier.orElseGet(DefaultReplyClassifier::load),
        parley::written,
        soon(stores.epochs().next()),
        clock);
    boolean unused = parley.open.complete(Done.getInstance());
    return parley;
  }

  private static byte[] secret(Stores stores, String name) {
    return soon(stores.secrets().secret(name));
  }

  private static <T> T soon(CompletionStage<T> answer) {
    return answer.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
  }

  /** See {@link org.parley.core.Engine#settled}. */
  public static CompletionStage<Done> settled(ActorSystem<?> system) {
    return Arrival.settled(system);
  }

  /** Reads every setting once, to find a bad one. */
  public static void check(Config config) {
    EngineSettings unusedEngine = EngineSettings.from(config);
    ConversationSettings unusedConversation = ConversationSettings.from(config);
    ReplySettings unusedReplies = ReplySettings.from(config);
    PolicySettings unusedPolicy = PolicySettings.from(config);
    RunSettings unusedRun = RunSettings.from(config);
    DueWork.Settings unusedDue = DueWork.Settings.from(config);
  }

  private LocalParley(
      ActorSystem<?> system, Stores stores, UnsubscribeTokens tokens, InstantSource clock) {
    this.system = system;
    this.sharding = ClusterSharding.get(system);
    this.stores = stores;
    this.tokens = tokens;
    this.clock = clock;
    this.settings = EngineSettings.from(system.settings().config());
    this.letters = new Letters(settings.publicUrl(), settings.smsCostPerSegment());
    this.rehearsal =
        new Rehearsal(
            system,
            stores.audiences(),
            (member, key) ->
                Questions.once(
                    conversation(member.customerId()),
                    replyTo -> new Foresee(key, member.profile(), replyTo)));
    this.book =
        new CampaignBook(
            id ->
                Questions.repeated(campaignRef(id), CampaignCommand.Get::new)
                    .thenApply(CampaignReply::campaign),
            clock);
  }

  // ---- audiences

  @Override
  public CompletionStage<Audience> createAudience(String audienceId, String name) {
    if (name.isBlank() || name.length() > 200 || !isLine(name)) {
      return refused(
          Refusal.invalid(
              "invalidAudience",
              "the audience is not valid",
              List.of(new Problem("/name", "must have 1 to 200 characters on one line"))));
    }
    return stores.audiences().create(TENANT, audienceId, name);
  }

  @Override
  public CompletionStage<ImportReport> importMembers(
      String audienceId, InputStream in, AudienceFormat format) {
    if (!ProfileCheck.isText(audienceId)) {
      return CompletableFuture.failedFuture(unknownAudience(audienceId));
    }
    return CompletableFuture.supplyAsync(
        () -> {
          try (InputStream input = in;
              AudienceWriter writer = stores.audiences().openWriter(TENANT, audienceId)) {
            return AudienceImport.run(
                input, format, writer, settings.importLimits(), clock.instant());
          } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        },
        system.dispatchers().lookup(DispatcherSelector.fromConfig("parley.import.dispatcher")));
  }

  @Override
  public CompletionStage<Audience> audience(String audienceId) {
    return findAudience(audienceId)
        .thenApply(found -> found.orElseThrow(() -> unknownAudience(audienceId)));
  }

  private CompletionStage<Optional<Audience>> findAudience(String audienceId) {
    return ProfileCheck.isText(audienceId)
        ? stores.audiences().find(TENANT, audienceId)
        : CompletableFuture.completedFuture(Optional.empty());
  }

  @Override
  public CompletionStage<Page<Reject>> rejects(
      String audienceId, Optional<String> cursor, int limit) {
    return audience(audienceId)
        .thenCompose(found -> stores.audiences().rejects(TENANT, audienceId, cursor, limit));
  }

  private static RefusedException unknownAudience(String audienceId) {
    return new RefusedException(
        Refusal.notFound("unknownAudience", "there is no audience " + audienceId));
  }

  // ---- campaigns

  @Override
  public CompletionStage<CampaignView> createCampaign(
      String campaignId, CampaignDefinition definition) {
    return checked(definition)
        .thenCompose(
            ok -> campaign(campaignId, replyTo -> new CampaignCommand.Create(definition, replyTo)));
  }

  @Override
  public CompletionStage<CampaignView> editCampaign(
      String campaignId, Optional<Long> ifVersion, CampaignDefinition definition) {
    return checked(definition)
        .thenCompose(
            ok ->
                campaign(
                    campaignId,
                    replyTo -> new CampaignCommand.Edit(definition, ifVersion, replyTo)));
  }

  private CompletionStage<Done> checked(CampaignDefinition definition) {
    return findAudience(definition.audience())
        .thenApply(
            audience -> {
              List<Problem> problems = DefinitionCheck.problems(definition, audience);
              if (!problems.isEmpty()) {
                throw new RefusedException(
                    Refusal.invalid("invalidCampaign", "the campaign is not valid", problems));
              }
              return Done.getInstance();
            });
  }

  @Override
  public CompletionStage<CampaignView> campaign(String campaignId) {
    return isName(campaignId)
        ? Questions.repeated(campaignRef(campaignId), CampaignCommand.Get::new)
            .thenApply(LocalParley::view)
        : refused(unknownCampaign());
  }

  @Override
  public CompletionStage<CampaignView> startCampaign(String campaignId) {
    return campaign(campaignId, CampaignCommand.Start::new);
  }

  @Override
  public CompletionStage<CampaignView> pauseCampaign(String campaignId) {
    return campaign(campaignId, CampaignCommand.Pause::new);
  }

  @Override
  public CompletionStage<CampaignView> resumeCampaign(String campaignId) {
    return campaign(campaignId, CampaignCommand.Resume::new);
  }

  @Override
  public CompletionStage<CampaignView> cancelCampaign(String campaignId) {
    return campaign(campaignId, CampaignCommand.Cancel::new);
  }

  private CompletionStage<CampaignView> campaign(
      String campaignId, Function<ActorRef<CampaignReply>, CampaignCommand> command) {
    return isName(campaignId)
        ? Questions.once(campaignRef(campaignId), command).thenApply(LocalParley::view)
        : refused(unknownCampaign());
  }

  private static CampaignView view(CampaignReply reply) {
    return value(reply.campaign(), reply.refusal());
  }

  private static Refusal unknownCampaign() {
    return Refusal.notFound("unknownCampaign", "there is no campaign by this id");
  }

  private EntityRef<CampaignCommand> campaignRef(String campaignId) {
    return sharding.entityRefFor(Campaign.TYPE, NodeActors.campaignEntity(TENANT, campaignId));
  }

  @Override
  public CompletionStage<Page<CampaignView>> campaigns(
      Optional<CampaignStatus> status, Optional<String> cursor, int limit) {
    return stores.reports().campaigns(TENANT, status, cursor, limit);
  }

  @Override
  public CompletionStage<CampaignProgress> progress(String campaignId) {
    if (!isName(campaignId)) return refused(unknownCampaign());
    return stores
        .reports()
        .progress(TENANT, campaignId)
        .thenCompose(
            found ->
                found.isPresent()
                    ? CompletableFuture.completedFuture(found.get())
                    : campaign(campaignId).thenApply(LocalParley::nothingYet));
  }

  /** The read side has not seen the campaign yet: it exists, and nothing has happened. */
  private static CampaignProgress nothingYet(CampaignView campaign) {
    long accepted = campaign.audienceSize().orElse(0L);
    return new CampaignProgress(
        campaign.id(),
        campaign.status(),
        accepted,
        accepted,
        0,
        0,
        0,
        0,
        0,
        0,
        Map.of(),
        Map.of(),
        campaign.startedAt(),
        campaign.finishedAt(),
        0);
  }

  @Override
  public CompletionStage<Latency> latency(String campaignId) {
    return campaign(campaignId)
        .thenCompose(campaign -> stores.reports().latency(TENANT, campaignId));
  }

  @Override
  public CompletionStage<CampaignPerformance> performance(String campaignId) {
    return campaign(campaignId)
        .thenCompose(campaign -> stores.reports().performance(TENANT, campaignId))
        .thenApply(
            found ->
                found.orElseGet(() -> new CampaignPerformance(campaignId, 0, 0, Optional.empty())));
  }

  @Override
  public CompletionStage<Page<Communication>> recipients(
      String campaignId, Optional<Communication.State> state, Optional<String> cursor, int limit) {
    return campaign(campaignId)
        .thenCompose(
            campaign -> stores.reports().recipients(TENANT, campaignId, state, cursor, limit));
  }

  @Override
  public CompletionStage<Preview> preview(
      String campaignId, Optional<String> stepId, Optional<String> customerId, Profile otherwise) {
    List<Problem> problems = settings.profiles().problems(otherwise);
    if (!problems.isEmpty()) {
      return refused(
          Refusal.invalid("invalidPreview", "the profile is not valid", inProfile(problems)));
    }
    return campaign(campaignId)
        .thenCompose(
            campaign -> {
              CampaignDefinition.Step step = step(campaign, stepId);
              CompletionStage<Profile> profile =
                  customerId.isPresent()
                      ? customer(customerId.get()).thenApply(CustomerView::profile)
                      : CompletableFuture.completedFuture(otherwise);
              return profile.thenApply(p -> preview(step, customerId.orElse(""), p));
            });
  }

  private Preview preview(CampaignDefinition.Step step, String customerId, Profile profile) {
    try {
      return letters.preview(step, customerId, profile);
    } catch (TemplateTooLarge e) {
      throw new RefusedException(
          Refusal.invalid("messageTooLarge", String.valueOf(e.getMessage()), List.of()));
    }
  }

  private static List<Problem> inProfile(List<Problem> problems) {
    return problems.stream()
        .map(problem -> new Problem("/profile" + problem.pointer(), problem.detail()))
        .toList();
  }

  private static CampaignDefinition.Step step(CampaignView campaign, Optional<String> stepId) {
    if (stepId.isEmpty()) return campaign.definition().steps().get(0);
    return campaign
        .definition()
        .step(stepId.get())
        .orElseThrow(
            () ->
                new RefusedException(
                    Refusal.notFound("unknownStep", "the campaign has no step " + stepId.get())));
  }

  @Override
  public CompletionStage<Simulation> simulate(String campaignId, int members) {
    if (members < 1 || members > MAX_SIMULATED) {
      return refused(
          Refusal.invalid(
              "invalidSimulation",
              "the simulation is not valid",
              List.of(new Problem("/members", "must be 1 to " + MAX_SIMULATED))));
    }
    return campaign(campaignId)
        .thenCompose(
            campaign ->
                audience(campaign.definition().audience())
                    .thenCompose(audience -> rehearsal.simulate(campaign, audience, members)));
  }

  @Override
  public CompletionStage<Communication> testSend(
      String messageId, String campaignId, Optional<String> stepId, String customerId) {
    return campaign(campaignId)
        .thenCompose(
            campaign -> {
              CampaignDefinition.Step step = step(campaign, stepId);
              return sendMessage(
                  messageId,
                  customerId,
                  new MessageRequest(step.channel(), Category.TRANSACTIONAL, step.template()));
            });
  }

  // ---- customers

  @Override
  public CompletionStage<CustomerView> customer(String customerId) {
    return customer(customerId, ConversationAsk.GetCustomer::new)
        .thenApply(
            view -> {
              if (view.version() > 0) return view;
              throw new RefusedException(
                  Refusal.notFound("unknownCustomer", "nothing is known of this customer"));
            });
  }

  @Override
  public CompletionStage<CustomerView> updateCustomer(
      String customerId, Optional<Long> ifVersion, Profile profile) {
    List<Problem> problems = settings.profiles().problems(profile);
    if (!problems.isEmpty()) {
      return refused(Refusal.invalid("invalidCustomer", "the customer is not valid", problems));
    }
    Profile normal = settings.profiles().normalise(profile);
    return customer(
        customerId,
        ifVersion,
        replyTo -> new ConversationAsk.UpdateCustomer(normal, ifVersion, replyTo));
  }

  @Override
  public CompletionStage<CustomerView> changeConsent(
      String customerId,
      Optional<Long> ifVersion,
      Map<Channel, ConsentState> changes,
      String source) {
    return customer(
        customerId,
        ifVersion,
        replyTo -> new ConversationAsk.ChangeConsent(changes, source, ifVersion, replyTo));
  }

  @Override
  public CompletionStage<CustomerContext> context(String customerId) {
    return valid(
        customerId,
        () -> Questions.repeated(conversation(customerId), ConversationAsk.GetContext::new));
  }

  @Override
  public CompletionStage<Page<Communication>> timeline(
      String customerId, Optional<String> cursor, int limit) {
    return valid(customerId, () -> stores.reports().timeline(TENANT, customerId, cursor, limit));
  }

  @Override
  public CompletionStage<Communication> sendMessage(
      String messageId, String customerId, MessageRequest request) {
    List<Problem> problems = letters.check(request.template(), request.channel());
    if (!problems.isEmpty()) {
      return refused(Refusal.invalid("invalidMessage", "the message is not valid", problems));
    }
    return valid(
        customerId,
        () ->
            Questions.repeated(
                    conversation(customerId),
                    (ActorRef<ConversationAsk.MessageReply> replyTo) ->
                        new ConversationAsk.SendMessage(messageId, request, replyTo))
                .thenApply(
                    reply ->
                        new Communication(
                            customerId,
                            StepKey.message(messageId),
                            request.channel(),
                            value(reply.state(), reply.refusal()),
                            reply.reason(),
                            0,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            clock.instant())));
  }

  @Override
  public CompletionStage<Communication> message(String messageId) {
    if (!ProfileCheck.isText(messageId)) return refused(unknownMessage());
    return stores
        .reports()
        .message(TENANT, messageId)
        .thenApply(found -> found.orElseThrow(() -> new RefusedException(unknownMessage())));
  }

  private static Refusal unknownMessage() {
    return Refusal.notFound("unknownMessage", "there is no message by this id");
  }

  @Override
  public CompletionStage<CustomerView> recordReply(
      String customerId,
      String carrierMessageId,
      Channel channel,
      String text,
      Optional<StepKey> inReplyTo) {
    List<Problem> problems = new ArrayList<>();
    if (carrierMessageId.isEmpty()
        || carrierMessageId.length() > MAX_REFERENCE
        || !isLine(carrierMessageId)) {
      problems.add(
          new Problem(
              "/carrierMessageId",
              "must have 1 to " + MAX_REFERENCE + " characters, none of them a control character"));
    }
    try {
      ProfileCheck.checkText(text);
    } catch (NotAcceptable e) {
      problems.add(new Problem("/text", e.reason()));
    }
    if (inReplyTo.isPresent() && !ProfileCheck.isText(inReplyTo.get().toString())) {
      problems.add(new Problem("/inReplyTo", "names a step by what is no text"));
    }
    if (!problems.isEmpty()) {
      return refused(Refusal.invalid("invalidReply", "the reply is not valid", problems));
    }
    return customer(
        customerId,
        replyTo ->
            new ConversationAsk.RecordReply(carrierMessageId, channel, text, inReplyTo, replyTo));
  }

  @Override
  public CompletionStage<CustomerView> handoff(String customerId, String reason) {
    if (reason.length() > MAX_REASON || !isLine(reason)) {
      return refused(
          Refusal.invalid(
              "invalidHandoff",
              "the handoff is not valid",
              List.of(
                  new Problem(
                      "/reason", "must have at most " + MAX_REASON + " characters on one line"))));
    }
    return customer(customerId, replyTo -> new ConversationAsk.HandOff(reason, replyTo));
  }

  @Override
  public CompletionStage<CustomerView> release(String customerId) {
    return customer(customerId, ConversationAsk.Release::new);
  }

  @Override
  public CompletionStage<Done> unsubscribe(String token) {
    Optional<UnsubscribeTokens.Claim> claim = tokens.verify(token);
    if (claim.isEmpty()) {
      return refused(Refusal.notFound("unknownToken", "this unsubscribe link is not one of ours"));
    }
    String customerId = claim.get().customer().customerId();
    return changeConsent(
            customerId,
            Optional.empty(),
            Map.of(claim.get().channel(), ConsentState.OPTED_OUT),
            "unsubscribe")
        // Whoever asked does not know who that is, and the conversation may live on another node.
        .whenComplete((view, failure) -> written(customerId))
        .thenApply(view -> Done.getInstance());
  }

  @Override
  public EntityRef<ConversationMessage> conversation(String customerId) {
    return sharding.entityRefFor(Conversation.TYPE, CustomerKey.of(customerId).entityId());
  }

  @Override
  public AutoCloseable onConversationWrite(Consumer<String> listener) {
    writeListeners.add(listener);
    return () -> writeListeners.remove(listener);
  }

  // ---- shared by the above

  private void written(String customerId) {
    writeListeners.forEach(listener -> listener.accept(customerId));
  }

  private CompletionStage<CustomerView> customer(
      String customerId, Function<ActorRef<CustomerReply>, ConversationMessage> message) {
    return customer(customerId, Optional.empty(), message);
  }

  /** What was meant for a version only is not asked twice: the first may have made the next one. */
  private CompletionStage<CustomerView> customer(
      String customerId,
      Optional<Long> ifVersion,
      Function<ActorRef<CustomerReply>, ConversationMessage> message) {
    return valid(
        customerId,
        () -> {
          EntityRef<ConversationMessage> to = conversation(customerId);
          return (ifVersion.isPresent()
                  ? Questions.once(to, message)
                  : Questions.repeated(to, message))
              .thenApply(reply -> value(reply.customer(), reply.refusal()));
        });
  }

  private static <T> CompletionStage<T> valid(
      String customerId, Supplier<CompletionStage<T>> then) {
    return CustomerKey.isValidId(customerId)
        ? then.get()
        : refused(
            Refusal.invalid(
                "invalidCustomerId",
                "a customer id has 1 to 128 characters without white space, control characters"
                    + " or '|'",
                List.of()));
  }

  /** Carriers may bring something as soon as there are agents: it waits for the conversations. */
  private <R> CompletionStage<R> askOnceOpen(
      CustomerKey customer, Function<ActorRef<R>, ConversationMessage> message) {
    return open.thenCompose(done -> askConversation(customer, message));
  }

  private <R> CompletionStage<R> askConversation(
      CustomerKey customer, Function<ActorRef<R>, ConversationMessage> message) {
    return Questions.repeated(
        sharding.entityRefFor(Conversation.TYPE, customer.entityId()), message);
  }

  private static <T> T value(Optional<T> value, Optional<Refusal> refusal) {
    if (refusal.isPresent()) throw new RefusedException(refusal.get());
    return value.orElseThrow();
  }

  private static <T> CompletionStage<T> refused(Refusal refusal) {
    return CompletableFuture.failedFuture(new RefusedException(refusal));
  }

  private static boolean isLine(String text) {
    return ProfileCheck.isText(text) && text.chars().noneMatch(Character::isISOControl);
  }

  private static boolean isName(String id) {
    return !id.isEmpty() && id.length() <= 64 && id.chars().allMatch(LocalParley::isNameChar);
  }

  private static boolean isNameChar(int c) {
    return c == '_' || c == '-' || (c < 128 && Character.isLetterOrDigit(c));
  }
}
