package org.parley.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.util.ByteString;
import org.parley.context.api.CachedContext;
import org.parley.context.api.CustomerContexts;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.ConsentState;
import org.parley.core.api.CustomerContext;
import org.parley.core.api.CustomerView;
import org.parley.core.api.Ids;
import org.parley.core.api.MessageRequest;
import org.parley.core.api.Parley;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;
import org.parley.http.Endpoint.Body;

/** Customers: profile, consent, context, history, single messages and answers. */
final class Customers {
  private static final int MAX_RENDERED = 1_000;
  private static final String CONSENT_SOURCE = "api";

  private record ConsentBody(
      Optional<ConsentState> email, Optional<ConsentState> sms, Optional<ConsentState> phone) {
    Map<Channel, ConsentState> changes() {
      Map<Channel, ConsentState> changes = new LinkedHashMap<>();
      email.ifPresent(state -> changes.put(Channel.EMAIL, state));
      sms.ifPresent(state -> changes.put(Channel.SMS, state));
      phone.ifPresent(state -> changes.put(Channel.PHONE, state));
      return changes;
    }
  }

  private record MessageBody(Channel channel, Optional<Category> category, Template template) {}

  private record ReplyBody(
      String carrierMessageId, Channel channel, String text, Optional<StepKey> inReplyTo) {}

  private record HandoffBody(Optional<String> reason) {}

  private record Nothing() {}

  private final Parley parley;
  private final CustomerContexts contexts;
  private final InstantSource clock;

  /** The JSON of contexts that are in the near cache, by identity: most reads meet the same one. */
  private final Cache<CustomerContext, byte[]> rendered =
      Caffeine.newBuilder().weakKeys().maximumSize(MAX_RENDERED).executor(Runnable::run).build();

  Customers(Parley parley, CustomerContexts contexts, InstantSource clock) {
    this.parley = parley;
    this.contexts = contexts;
    this.clock = clock;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/v1/customers/{id}", this::show),
        Endpoint.put("/v1/customers/{id}", this::replace),
        Endpoint.get("/v1/customers/{id}/context", this::context),
        Endpoint.get("/v1/customers/{id}/timeline", this::timeline).knowing("cursor", "limit"),
        Endpoint.get("/v1/customers/{id}/consent", this::consent),
        Endpoint.put("/v1/customers/{id}/consent", this::changeConsent),
        Endpoint.post("/v1/customers/{id}/messages", this::send),
        Endpoint.post("/v1/customers/{id}/replies", this::reply),
        Endpoint.post("/v1/customers/{id}/handoff", this::handoff).reading(Body.OPTIONAL_JSON),
        Endpoint.post("/v1/customers/{id}/release", this::release).reading(Body.OPTIONAL_JSON));
  }

  private CompletionStage<HttpResponse> show(Call call) {
    return parley
        .customer(call.customerId())
        .thenApply(customer -> tagged(call.request(), customer, customer));
  }

  private CompletionStage<HttpResponse> replace(Call call) {
    String id = call.customerId();
    ProfileBody wanted = call.read(ProfileBody.class);
    Optional<Long> ifVersion = EntityTag.ifMatch(call.request());
    return whenKnown(call, id)
        .thenCompose(known -> parley.updateCustomer(id, ifVersion, wanted.profile(clock.instant())))
        .whenComplete((customer, failure) -> contexts.forget(id))
        .thenApply(customer -> Answers.tagged(Answers.ok(customer), customer.version()));
  }

  private CompletionStage<HttpResponse> consent(Call call) {
    return parley
        .customer(call.customerId())
        .thenApply(customer -> tagged(call.request(), customer, customer.consent()));
  }

  private CompletionStage<HttpResponse> changeConsent(Call call) {
    String id = call.customerId();
    Map<Channel, ConsentState> changes = call.read(ConsentBody.class).changes();
    Optional<Long> ifVersion = EntityTag.ifMatch(call.request());
    return whenKnown(call, id)
        .thenCompose(known -> parley.changeConsent(id, ifVersion, changes, CONSENT_SOURCE))
        .whenComplete((customer, failure) -> contexts.forget(id))
        .thenApply(customer -> Answers.tagged(Answers.ok(customer.consent()), customer.version()));
  }

  /** {@code If-Match: *} asks that there is something to change. */
  private CompletionStage<Boolean> whenKnown(Call call, String id) {
    boolean any =
        call.request().getHeader("If-Match").map(HttpHeader::value).filter("*"::equals).isPresent();
    if (!any) return CompletableFuture.completedFuture(true);
    return parley
        .customer(id)
        .thenApply(
            customer -> {
              if (customer.version() > 0) return true;
              throw Fault.of(412, "stale", "Nothing is known of this customer yet.");
            });
  }

  private CompletionStage<HttpResponse> context(Call call) {
    return contexts.context(call.customerId()).thenApply(this::rendered);
  }

  private HttpResponse rendered(CachedContext answer) {
    byte[] context = rendered.get(answer.context(), Json::write);
    String head =
        "{\"ageMillis\":"
            + answer.age().toMillis()
            + ",\"cached\":"
            + answer.cached()
            + ",\"context\":";
    byte[] body = new byte[head.length() + context.length + 1];
    System.arraycopy(head.getBytes(StandardCharsets.ISO_8859_1), 0, body, 0, head.length());
    System.arraycopy(context, 0, body, head.length(), context.length);
    body[body.length - 1] = '}';
    return Answers.json(200, ByteString.fromArrayUnsafe(body))
        .addHeader(RawHeader.create("Age", Long.toString(answer.age().toSeconds())));
  }

  private CompletionStage<HttpResponse> timeline(Call call) {
    return parley.timeline(call.customerId(), call.cursor(), call.limit()).thenApply(Answers::ok);
  }

  private CompletionStage<HttpResponse> send(Call call) {
    String id = call.customerId();
    MessageBody wanted = call.read(MessageBody.class);
    MessageRequest request =
        new MessageRequest(
            wanted.channel, wanted.category.orElse(Category.TRANSACTIONAL), wanted.template);
    return parley
        .sendMessage(Ids.message(call.seed()), id, request)
        .whenComplete((sent, failure) -> contexts.forget(id))
        .thenApply(Messages::accepted);
  }

  private CompletionStage<HttpResponse> reply(Call call) {
    String id = call.customerId();
    ReplyBody reply = call.read(ReplyBody.class);
    return parley
        .recordReply(id, reply.carrierMessageId, reply.channel, reply.text, reply.inReplyTo)
        .whenComplete((customer, failure) -> contexts.forget(id))
        .thenApply(customer -> Answers.tagged(Answers.ok(customer), customer.version()));
  }

  private CompletionStage<HttpResponse> handoff(Call call) {
    String id = call.customerId();
    String reason = call.read(HandoffBody.class).reason.orElse("");
    return parley
        .handoff(id, reason)
        .whenComplete((customer, failure) -> contexts.forget(id))
        .thenApply(customer -> Answers.tagged(Answers.ok(customer), customer.version()));
  }

  private CompletionStage<HttpResponse> release(Call call) {
    String id = call.customerId();
    Nothing unused = call.read(Nothing.class);
    return parley
        .release(id)
        .whenComplete((customer, failure) -> contexts.forget(id))
        .thenApply(customer -> Answers.tagged(Answers.ok(customer), customer.version()));
  }

  private static HttpResponse tagged(HttpRequest request, CustomerView customer, Object body) {
    HttpResponse answer =
        EntityTag.isKnown(request, customer.version())
            ? HttpResponse.create().withStatus(304)
            : Answers.ok(body);
    return Answers.tagged(answer, customer.version());
  }
}
