package org.parley.http;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.Done;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaRange;
import org.apache.pekko.http.javadsl.model.MediaType;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.RequestEntity;
import org.apache.pekko.http.javadsl.model.headers.Accept;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.scaladsl.model.EntityStreamSizeException;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.parley.http.Endpoint.Access;
import org.parley.http.Endpoint.Body;
import org.parley.http.Endpoint.Produces;

/**
 * The way of every request: who answers it, whether it may, what it brings, the answer, and a
 * problem document for whatever goes wrong on the way.
 */
final class Requests {
  private static final int MAX_REQUEST_ID_CHARS = 128;
  private static final int MAX_FORM_BYTES = 8 << 10;
  static final long MAX_DRAINED_BYTES = 32L << 20;

  /** A client that still sends on a slow line should read its 413, and not lose the connection. */
  static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(30);

  /** For how long an answer waits for that at most. */
  private static final Duration LINGER = Duration.ofSeconds(2);

  private final Router router;
  private final ApiKeys keys;
  private final Idempotency idempotency;
  private final Problems problems;
  private final HttpSettings settings;
  private final Materializer materializer;
  private final Map<String, RequestMetrics> metrics = new HashMap<>();
  private final RequestMetrics unmatched = new RequestMetrics("none", "none");

  Requests(
      List<Endpoint> endpoints,
      ApiKeys keys,
      Idempotency idempotency,
      Problems problems,
      HttpSettings settings,
      Materializer materializer) {
    this.router = new Router(endpoints);
    this.keys = keys;
    this.idempotency = idempotency;
    this.problems = problems;
    this.settings = settings;
    this.materializer = materializer;
    for (Endpoint endpoint : endpoints) {
      metrics.put(endpoint.route(), new RequestMetrics(endpoint.method(), endpoint.path()));
    }
  }

  /** Answers a request, always: a failure is an answer too. */
  CompletionStage<HttpResponse> answer(HttpRequest request) {
    long beganNanos = System.nanoTime();
    String requestId = requestId(request);
    Call call;
    try {
      Router.Match match = router.find(request.method().value(), request.getUri().asScala().path());
      call = new Call(request, requestId, match.endpoint(), match.placeholder());
    } catch (RuntimeException e) {
      HttpResponse refusal = problems.answer(e, requestId, false);
      return discard(request)
          .thenApply(done -> finished(refusal, requestId, unmatched, beganNanos));
    }
    RequestMetrics measured = metrics.getOrDefault(call.endpoint().route(), unmatched);
    return within(limit(call), () -> admitted(call))
        .handle(
            (response, failure) -> {
              if (failure == null) return CompletableFuture.completedFuture(response);
              HttpResponse refusal = problems.answer(failure, requestId, hadBody(call));
              return discard(request).thenApply(done -> refusal);
            })
        .thenCompose(answer -> answer)
        .thenApply(answer -> finished(answer, requestId, measured, beganNanos));
  }

  private Duration limit(Call call) {
    return switch (call.endpoint().body()) {
      case NONE -> settings.requestTimeout();
      case STREAM -> settings.imports().timeout();
      // A body has a time of its own to arrive, and what is done with it has the whole other one.
      default -> settings.bodyTimeout().plus(settings.requestTimeout());
    };
  }

  private CompletionStage<HttpResponse> admitted(Call call) {
    if (call.endpoint().access() == Access.OPEN) return checked(call);
    return keys.tenant(call.request())
        .thenCompose(
            tenant -> {
              call.admit(tenant);
              return checked(call);
            });
  }

  private CompletionStage<HttpResponse> checked(Call call) {
    checkQuery(call);
    checkAccept(call);
    Endpoint endpoint = call.endpoint();
    if (endpoint.body() == Body.NONE) {
      CompletionStage<Done> unused = discard(call.request());
      return endpoint.handler().handle(call);
    }
    if (endpoint.body() == Body.STREAM) return endpoint.handler().handle(call);
    checkType(call);
    return body(call)
        .thenCompose(
            bytes -> {
              call.take(bytes);
              return within(settings.requestTimeout(), () -> handled(call));
            });
  }

  private CompletionStage<HttpResponse> handled(Call call) {
    Endpoint endpoint = call.endpoint();
    if (!endpoint.method().equals("POST") || endpoint.access() == Access.OPEN) {
      return endpoint.handler().handle(call);
    }
    return idempotency.once(
        call,
        () ->
            within(settings.requestTimeout(), () -> endpoint.handler().handle(call))
                .exceptionally(e -> problems.answer(e, call.requestId(), hadBody(call))));
  }

  /** Turns what is thrown into a failed future, and what takes too long as well. */
  private static CompletableFuture<HttpResponse> within(
      Duration limit, Idempotency.Attempt attempt) {
    CompletableFuture<HttpResponse> running;
    try {
      running = attempt.run().toCompletableFuture();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
    // A timer costs more than many an answer: none is set for what is answered at once.
    if (running.isDone()) return running;
    return running.copy().orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  // ---- what a request brings

  private CompletionStage<ByteString> body(Call call) {
    RequestEntity entity = call.request().entity();
    long most = call.endpoint().body() == Body.FORM ? MAX_FORM_BYTES : settings.maxBodyBytes();
    OptionalLong length = entity.getContentLengthOption();
    if (length.isPresent() && length.getAsLong() > most) throw tooLarge(most);
    if (entity instanceof HttpEntity.Strict strict) {
      return CompletableFuture.completedFuture(strict.getData());
    }
    return entity
        .withSizeLimit(most)
        .getDataBytes()
        .completionTimeout(settings.bodyTimeout())
        .runFold(ByteString.emptyByteString(), ByteString::concat, materializer)
        .exceptionally(
            failure -> {
              Throwable cause = Problems.unwrap(failure);
              if (cause instanceof EntityStreamSizeException) throw tooLarge(most);
              if (cause instanceof TimeoutException) {
                throw Fault.of(408, "requestTimeout", "The body did not arrive in time.");
              }
              throw Fault.badRequest("brokenBody", "The body ended before its end.");
            })
        .thenApply(ByteString::compact);
  }

  private static Fault tooLarge(long most) {
    return Fault.tooLarge("The body has more than the " + most + " bytes that are allowed here.");
  }

  private void checkType(Call call) {
    RequestEntity entity = call.request().entity();
    Body wanted = call.endpoint().body();
    if (entity.isKnownEmpty() && wanted == Body.OPTIONAL_JSON) return;
    Optional<String> encoding = call.request().getHeader("Content-Encoding").map(HttpHeader::value);
    if (encoding.isPresent() && !encoding.get().equalsIgnoreCase("identity")) {
      throw Fault.unsupported("sent without a Content-Encoding");
    }
    MediaType type = entity.getContentType().mediaType();
    boolean json = type.equals(MediaTypes.APPLICATION_JSON);
    switch (wanted) {
      case JSON, OPTIONAL_JSON -> {
        if (!json) throw Fault.unsupported("application/json");
      }
      case PATCH -> {
        if (!json && !type.equals(MediaTypes.APPLICATION_MERGE_PATCH_JSON)) {
          throw Fault.unsupported("application/json or application/merge-patch+json");
        }
      }
      default -> {}
    }
  }

  private static void checkAccept(Call call) {
    Produces produces = call.endpoint().produces();
    if (produces == Produces.ANY) return;
    Optional<Accept> accept = call.request().getHeader(Accept.class);
    if (accept.isEmpty()) return;
    MediaType type =
        produces == Produces.EVENTS ? MediaTypes.TEXT_EVENT_STREAM : MediaTypes.APPLICATION_JSON;
    for (MediaRange range : accept.get().getMediaRanges()) {
      if (range.matches(type) && range.qValue() > 0) return;
    }
    throw Fault.of(406, "notAcceptable", "The answer here is " + type + ".");
  }

  private static void checkQuery(Call call) {
    if (call.request().getUri().rawQueryString().isEmpty()) return;
    List<String> known = call.endpoint().query();
    for (Pair<String, String> parameter : call.request().getUri().query().toList()) {
      if (known.contains(parameter.first())) continue;
      throw Fault.badRequest(
          "invalidQuery",
          "The query has an unknown parameter; known here are: "
              + (known.isEmpty() ? "none" : String.join(", ", known))
              + ".");
    }
  }

  private static boolean hadBody(Call call) {
    return !call.body().isEmpty() || call.endpoint().body() == Body.STREAM;
  }

  /**
   * What nobody reads would hold the connection, and an answer that overtakes the body ends it: a
   * client that still sends would find it broken and not see the answer. So some of the body is
   * read and thrown away, and the answer waits for that for a moment. A client that asked first
   * whether to send it is told at once.
   */
  private CompletionStage<Done> discard(HttpRequest request) {
    if (request.entity().isStrict()) return CompletableFuture.completedFuture(Done.done());
    Source<ByteString, Object> body = request.entity().withoutSizeLimit().getDataBytes();
    if (request.getHeader("Expect").isPresent()) {
      body.runWith(Sink.cancelled(), materializer);
      return CompletableFuture.completedFuture(Done.done());
    }
    return lingering(
        body.limitWeighted(MAX_DRAINED_BYTES, bytes -> (long) bytes.size())
            .completionTimeout(DRAIN_TIMEOUT)
            .runWith(Sink.ignore(), materializer));
  }

  /** Done when a body has been taken off the line, and after a moment anyway. */
  static CompletionStage<Done> lingering(CompletionStage<Done> drained) {
    return drained
        .handle((done, failure) -> Done.done())
        .toCompletableFuture()
        .completeOnTimeout(Done.done(), LINGER.toMillis(), TimeUnit.MILLISECONDS);
  }

  // ---- what every answer has

  private static HttpResponse finished(
      HttpResponse response, String requestId, RequestMetrics measured, long beganNanos) {
    measured.answered(response.status().intValue(), System.nanoTime() - beganNanos);
    return response.addHeader(RawHeader.create("X-Request-Id", requestId));
  }

  private static String requestId(HttpRequest request) {
    Optional<String> given = request.getHeader("X-Request-Id").map(HttpHeader::value);
    if (given.isPresent() && isSane(given.get())) return given.get();
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return Long.toUnsignedString(random.nextLong(), 36)
        + Long.toUnsignedString(random.nextLong(), 36);
  }

  private static boolean isSane(String id) {
    if (id.isEmpty() || id.length() > MAX_REQUEST_ID_CHARS) return false;
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean letter = (c | 32) >= 'a' && (c | 32) <= 'z';
      boolean digit = c >= '0' && c <= '9';
      if (!letter && !digit && c != '-' && c != '_' && c != '.') return false;
    }
    return true;
  }
}
