package org.parley.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.util.ByteString;
import org.parley.core.spi.IdempotencyStore;
import org.parley.core.spi.IdempotencyStore.Answer;
import org.parley.core.spi.IdempotencyStore.Answered;
import org.parley.core.spi.IdempotencyStore.Entry;
import org.parley.core.spi.IdempotencyStore.Fresh;
import org.parley.core.spi.IdempotencyStore.Running;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a repeated POST as the first time (draft-ietf-httpapi-idempotency-key-header): the same
 * key and request gets the first answer again, another request under the key 422, and one whose
 * first is still running 409. An answer of 500 and above gives the key back.
 */
final class Idempotency {
  private static final Logger log = LoggerFactory.getLogger(Idempotency.class);
  private static final int MAX_KEY_CHARS = 255;
  private static final List<String> REPEATED = List.of("Location", "ETag", "Link");
  private static final HttpHeader REPLAYED = RawHeader.create("Idempotency-Replayed", "true");

  private final IdempotencyStore store;

  Idempotency(IdempotencyStore store) {
    this.store = store;
  }

  /** Handles a call, or answers as it was answered before. Without a key it is just handled. */
  CompletionStage<HttpResponse> once(Call call, Attempt attempt) {
    Optional<String> header = call.request().getHeader("Idempotency-Key").map(HttpHeader::value);
    if (header.isEmpty()) return attempt.run();
    String key = checked(header.get());
    call.claim(key);
    String scope = call.tenant() + ' ' + call.endpoint().route();
    return store
        .claim(scope, key, fingerprint(call))
        .thenCompose(entry -> proceed(entry, scope, key, attempt));
  }

  /** Handles the call; failures are answers already. */
  interface Attempt {
    CompletionStage<HttpResponse> run();
  }

  private CompletionStage<HttpResponse> proceed(
      Entry entry, String scope, String key, Attempt attempt) {
    if (entry instanceof Answered answered) {
      return CompletableFuture.completedFuture(replay(answered.answer()));
    }
    if (entry instanceof Running) {
      throw Fault.of(
          409, "requestInProgress", "The first request with this Idempotency-Key is not done yet.");
    }
    if (!(entry instanceof Fresh)) {
      throw Fault.of(
          422, "idempotencyKeyReused", "This Idempotency-Key came with another request before.");
    }
    return attempt.run().thenCompose(response -> remembered(scope, key, response));
  }

  private CompletionStage<HttpResponse> remembered(
      String scope, String key, HttpResponse response) {
    CompletionStage<Void> noted =
        response.status().intValue() >= 500
            ? store.release(scope, key)
            : store.answer(scope, key, answerOf(response));
    // What was done is done: a client that repeats it later meets ids made from the same key.
    return noted.handle(
        (done, failure) -> {
          if (failure != null) log.warn("an answer could not be remembered", failure);
          return response;
        });
  }

  private static Answer answerOf(HttpResponse response) {
    List<String> headers = new ArrayList<>();
    for (String name : REPEATED) {
      response.getHeader(name).ifPresent(h -> headers.add(name + ": " + h.value()));
    }
    String body =
        response.entity() instanceof HttpEntity.Strict strict ? strict.getData().utf8String() : "";
    return new Answer(
        response.status().intValue(),
        response.entity().getContentType().toString(),
        String.join("\n", headers),
        body);
  }

  private static HttpResponse replay(Answer answer) {
    List<HttpHeader> headers = new ArrayList<>();
    for (String line : answer.headers().split("\n", -1)) {
      int colon = line.indexOf(": ");
      if (colon > 0)
        headers.add(RawHeader.create(line.substring(0, colon), line.substring(colon + 2)));
    }
    return HttpResponse.create()
        .withStatus(answer.status())
        .withEntity(
            HttpEntities.create(
                ContentTypes.parse(answer.contentType()), ByteString.fromString(answer.body())))
        .addHeaders(Answers.JSON_HEADERS)
        .addHeaders(headers)
        .addHeader(REPLAYED);
  }

  private static String checked(String key) {
    boolean good = !key.isEmpty() && key.length() <= MAX_KEY_CHARS;
    for (int i = 0; good && i < key.length(); i++)
      good = key.charAt(i) > ' ' && key.charAt(i) < 127;
    if (good) return key;
    throw Fault.badRequest(
        "invalidIdempotencyKey", "Idempotency-Key must be 1 to 255 visible characters.");
  }

  /** The path is in it: one key for two customers is a mistake and not a repetition. */
  private static String fingerprint(Call call) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      String where =
          call.request().getUri().getPathString()
              + '?'
              + call.request().getUri().rawQueryString().orElse("");
      sha.update(where.getBytes(StandardCharsets.UTF_8));
      sha.update((byte) 0);
      sha.update(call.body().toArrayUnsafe());
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
