package org.parley.http;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.pekko.Done;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Audience;
import org.parley.core.api.AudienceFormat;
import org.parley.core.api.CallResult;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignPerformance;
import org.parley.core.api.CampaignProgress;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.ConsentState;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerContext;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.CustomerView;
import org.parley.core.api.Handoff;
import org.parley.core.api.ImportReport;
import org.parley.core.api.Latency;
import org.parley.core.api.MessageRequest;
import org.parley.core.api.Page;
import org.parley.core.api.Parley;
import org.parley.core.api.Preview;
import org.parley.core.api.Profile;
import org.parley.core.api.Refusal;
import org.parley.core.api.RefusedException;
import org.parley.core.api.Reject;
import org.parley.core.api.RenderedMessage;
import org.parley.core.api.Simulation;
import org.parley.core.api.StepKey;

/** An engine in memory, for tests of what is around it. */
final class MemoryParley implements Parley {
  static final Instant NOW = Instant.parse("2026-11-24T09:00:00Z");

  final Map<String, Audience> audiences = new ConcurrentHashMap<>();
  final Map<String, CampaignView> campaigns = new ConcurrentHashMap<>();
  final Map<String, CampaignProgress> progress = new ConcurrentHashMap<>();
  final Map<String, CustomerView> customers = new ConcurrentHashMap<>();
  final Map<String, Communication> messages = new ConcurrentHashMap<>();
  final List<String> unsubscribed = new CopyOnWriteArrayList<>();
  final List<String> replies = new CopyOnWriteArrayList<>();
  final AtomicInteger progressAsked = new AtomicInteger();
  final AtomicInteger campaignsMade = new AtomicInteger();
  final List<String> importedLines = new CopyOnWriteArrayList<>();

  /** What the last import met instead of the end of its stream. */
  final CompletableFuture<IOException> importBroke = new CompletableFuture<>();

  /** When set, the next calls of {@link #campaign} and {@link #startCampaign} fail with it. */
  volatile @Nullable Throwable failure;

  /** When set, {@link #startCampaign} answers with it. */
  volatile @Nullable CompletableFuture<CampaignView> slowStart;

  /** When set, {@link #updateCustomer} answers with it. */
  volatile @Nullable CompletableFuture<CustomerView> slowUpdate;

  volatile CountDownLatch importing = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();

  void stop() {
    threads.shutdownNow();
  }

  @Override
  public CompletionStage<Audience> createAudience(String audienceId, String name) {
    if (name.isBlank()) {
      return refused(
          Refusal.invalid(
              "invalidAudience",
              "An audience needs a name.",
              List.of(new Refusal.Problem("/name", "must not be blank"))));
    }
    return done(
        audiences.computeIfAbsent(
            audienceId, id -> new Audience(id, name, Audience.Status.EMPTY, List.of(), 0, 0, NOW)));
  }

  @Override
  public CompletionStage<ImportReport> importMembers(
      String audienceId, InputStream in, AudienceFormat format) {
    if (!audiences.containsKey(audienceId)) return refused(noSuch("audience"));
    return CompletableFuture.supplyAsync(
        () -> {
          List<String> lines = new ArrayList<>();
          long count = 0;
          importing.countDown();
          try (BufferedReader reader =
              new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            String line = reader.readLine();
            while (line != null) {
              if (count++ < 100) lines.add(line);
              line = reader.readLine();
            }
          } catch (IOException e) {
            importBroke.complete(e);
            throw new UncheckedIOException(e);
          }
          importedLines.addAll(lines);
          long header = format == AudienceFormat.CSV ? 1 : 0;
          return new ImportReport(count - header, 0, 0, List.of("firstName"));
        },
        threads);
  }

  @Override
  public CompletionStage<Audience> audience(String audienceId) {
    return found(audiences.get(audienceId), "audience");
  }

  @Override
  public CompletionStage<Page<Reject>> rejects(
      String audienceId, Optional<String> cursor, int limit) {
    return done(new Page<>(List.of(new Reject(7, "no customerId")), Optional.of("more")));
  }

  @Override
  public CompletionStage<CampaignView> createCampaign(
      String campaignId, CampaignDefinition definition) {
    if (definition.steps().isEmpty()) {
      return refused(
          Refusal.invalid(
              "invalidCampaign",
              "The campaign makes no sense.",
              List.of(new Refusal.Problem("/steps", "must have 1 to 20 steps"))));
    }
    return done(
        campaigns.computeIfAbsent(
            campaignId,
            id -> {
              campaignsMade.incrementAndGet();
              return view(id, 1, CampaignStatus.DRAFT, definition);
            }));
  }

  @Override
  public CompletionStage<CampaignView> editCampaign(
      String campaignId, Optional<Long> ifVersion, CampaignDefinition definition) {
    CampaignView now = campaigns.get(campaignId);
    if (now == null) return refused(noSuch("campaign"));
    if (ifVersion.isPresent() && ifVersion.get() != now.version()) {
      return refused(Refusal.stale("The campaign has changed."));
    }
    CampaignView edited = view(campaignId, now.version() + 1, now.status(), definition);
    campaigns.put(campaignId, edited);
    return done(edited);
  }

  @Override
  public CompletionStage<CampaignView> campaign(String campaignId) {
    Throwable broken = failure;
    if (broken != null) return CompletableFuture.failedFuture(broken);
    return found(campaigns.get(campaignId), "campaign");
  }

  @Override
  public CompletionStage<CampaignView> startCampaign(String campaignId) {
    Throwable broken = failure;
    if (broken != null) return CompletableFuture.failedFuture(broken);
    CompletableFuture<CampaignView> slow = slowStart;
    return slow != null ? slow : moved(campaignId, CampaignStatus.RUNNING);
  }

  @Override
  public CompletionStage<CampaignView> pauseCampaign(String campaignId) {
    return moved(campaignId, CampaignStatus.PAUSED);
  }

  @Override
  public CompletionStage<CampaignView> resumeCampaign(String campaignId) {
    CampaignView now = campaigns.get(campaignId);
    if (now != null && now.status() == CampaignStatus.DRAFT) {
      return refused(Refusal.conflict("notPaused", "The campaign is not paused."));
    }
    return moved(campaignId, CampaignStatus.RUNNING);
  }

  @Override
  public CompletionStage<CampaignView> cancelCampaign(String campaignId) {
    return moved(campaignId, CampaignStatus.CANCELLED);
  }

  @Override
  public CompletionStage<Page<CampaignView>> campaigns(
      Optional<CampaignStatus> status, Optional<String> cursor, int limit) {
    List<CampaignView> views =
        campaigns.values().stream()
            .filter(c -> status.isEmpty() || c.status() == status.get())
            .limit(limit)
            .toList();
    return done(new Page<>(views, Optional.empty()));
  }

  @Override
  public CompletionStage<CampaignProgress> progress(String campaignId) {
    progressAsked.incrementAndGet();
    return found(progress.get(campaignId), "campaign");
  }

  @Override
  public CompletionStage<Latency> latency(String campaignId) {
    return done(new Latency(3, 1.5, 2.5, 9));
  }

  @Override
  public CompletionStage<CampaignPerformance> performance(String campaignId) {
    return done(new CampaignPerformance(campaignId, 10, 2, Optional.of(Duration.ofMinutes(90))));
  }

  @Override
  public CompletionStage<Page<Communication>> recipients(
      String campaignId, Optional<Communication.State> state, Optional<String> cursor, int limit) {
    return done(new Page<>(List.of(communication("msg_1")), Optional.empty()));
  }

  @Override
  public CompletionStage<Preview> preview(
      String campaignId, Optional<String> stepId, Optional<String> customerId, Profile otherwise) {
    return done(
        new Preview(
            stepId.orElse("hello"),
            Channel.EMAIL,
            otherwise.email(),
            new RenderedMessage(Optional.of("Hi"), Optional.of("Hello"), Optional.empty()),
            List.of()));
  }

  @Override
  public CompletionStage<Simulation> simulate(String campaignId, int members) {
    return done(new Simulation(members, 1000, Map.of("send", (long) members)));
  }

  @Override
  public CompletionStage<Communication> testSend(
      String messageId, String campaignId, Optional<String> stepId, String customerId) {
    return done(messages.computeIfAbsent(messageId, MemoryParley::communication));
  }

  @Override
  public CompletionStage<CustomerView> customer(String customerId) {
    return found(customers.get(customerId), "customer");
  }

  @Override
  public CompletionStage<CustomerView> updateCustomer(
      String customerId, Optional<Long> ifVersion, Profile profile) {
    CompletableFuture<CustomerView> slow = slowUpdate;
    return slow != null ? slow : changed(customerId, ifVersion, before -> profile, Map.of());
  }

  @Override
  public CompletionStage<CustomerView> changeConsent(
      String customerId,
      Optional<Long> ifVersion,
      Map<Channel, ConsentState> changes,
      String source) {
    return changed(customerId, ifVersion, before -> before, changes);
  }

  @Override
  public CompletionStage<CustomerContext> context(String customerId) {
    CustomerView view = customers.get(customerId);
    if (view == null) return refused(noSuch("customer"));
    CustomerContext.Touch touch =
        new CustomerContext.Touch(
            new StepKey("cmp_1", "hello"),
            "held",
            Optional.of("quietHours"),
            Optional.of(NOW),
            NOW);
    return done(new CustomerContext(view, List.of(touch), List.of(NOW), Optional.of(NOW), NOW));
  }

  @Override
  public CompletionStage<Page<Communication>> timeline(
      String customerId, Optional<String> cursor, int limit) {
    return done(new Page<>(List.of(communication("msg_1")), Optional.empty()));
  }

  @Override
  public CompletionStage<Communication> sendMessage(
      String messageId, String customerId, MessageRequest request) {
    return done(messages.computeIfAbsent(messageId, MemoryParley::communication));
  }

  @Override
  public CompletionStage<Communication> message(String messageId) {
    return found(messages.get(messageId), "message");
  }

  @Override
  public CompletionStage<CustomerView> recordReply(
      String customerId,
      String carrierMessageId,
      Channel channel,
      String text,
      Optional<StepKey> inReplyTo) {
    replies.add(carrierMessageId);
    return found(customers.get(customerId), "customer");
  }

  @Override
  public CompletionStage<CustomerView> handoff(String customerId, String reason) {
    return taken(customerId, Optional.of(new Handoff(reason, NOW)));
  }

  @Override
  public CompletionStage<CustomerView> release(String customerId) {
    return taken(customerId, Optional.empty());
  }

  private CompletionStage<CustomerView> taken(String customerId, Optional<Handoff> handedOff) {
    CustomerView now = customers.get(customerId);
    if (now == null) return refused(noSuch("customer"));
    CustomerView next =
        new CustomerView(
            customerId,
            now.version() + 1,
            now.profile(),
            now.consent(),
            handedOff,
            Optional.of(Channel.SMS));
    customers.put(customerId, next);
    return done(next);
  }

  @Override
  public CompletionStage<Done> unsubscribe(String token) {
    if (!token.equals("t0ken")) return refused(noSuch("token"));
    unsubscribed.add(token);
    return done(Done.getInstance());
  }

  @Override
  public EntityRef<ConversationMessage> conversation(String customerId) {
    throw new UnsupportedOperationException("no actors here");
  }

  @Override
  public AutoCloseable onConversationWrite(Consumer<String> listener) {
    return () -> {};
  }

  static CampaignProgress progressOf(
      String id, CampaignStatus status, long delivered, long version) {
    return new CampaignProgress(
        id,
        status,
        100,
        100 - delivered,
        0,
        delivered,
        0,
        0,
        0,
        delivered,
        Map.of(),
        Map.of("hello", Map.of("delivered", delivered)),
        Optional.of(NOW),
        Optional.empty(),
        version);
  }

  private CompletionStage<CampaignView> moved(String id, CampaignStatus status) {
    CampaignView now = campaigns.get(id);
    if (now == null) return refused(noSuch("campaign"));
    CampaignView next = view(id, now.version() + 1, status, now.definition());
    campaigns.put(id, next);
    return done(next);
  }

  private CompletionStage<CustomerView> changed(
      String id,
      Optional<Long> ifVersion,
      UnaryOperator<Profile> profile,
      Map<Channel, ConsentState> consent) {
    CustomerView now = customers.getOrDefault(id, new CustomerView(id, 0, Profile.EMPTY, Map.of()));
    if (ifVersion.isPresent() && ifVersion.get() != now.version()) {
      return refused(Refusal.stale("The customer has changed."));
    }
    Map<Channel, ConsentState> all = new HashMap<>(now.consent());
    all.putAll(consent);
    CustomerView next = new CustomerView(id, now.version() + 1, profile.apply(now.profile()), all);
    customers.put(id, next);
    return done(next);
  }

  private static CampaignView view(
      String id, long version, CampaignStatus status, CampaignDefinition definition) {
    return new CampaignView(
        id, version, status, definition, Optional.empty(), NOW, Optional.empty(), Optional.empty());
  }

  private static Communication communication(String messageId) {
    return new Communication(
        "c-1",
        StepKey.message(messageId),
        Channel.PHONE,
        Communication.State.DELIVERED,
        Optional.empty(),
        1,
        Optional.of(AttemptId.of(CustomerKey.of("c-1"), StepKey.message(messageId), 1)),
        Optional.of("calls"),
        Optional.of("call-1"),
        Optional.of(new CallResult(Duration.ofSeconds(42), "1", CallResult.EndedBy.CUSTOMER)),
        Optional.of(NOW),
        NOW);
  }

  private static Refusal noSuch(String what) {
    return Refusal.notFound(what + "NotFound", "There is no such " + what + ".");
  }

  private static <T> CompletionStage<T> found(@Nullable T value, String what) {
    return value == null ? refused(noSuch(what)) : done(value);
  }

  private static <T> CompletionStage<T> done(T value) {
    return CompletableFuture.completedFuture(value);
  }

  private static <T> CompletionStage<T> refused(Refusal refusal) {
    return CompletableFuture.failedFuture(new RefusedException(refusal));
  }
}
