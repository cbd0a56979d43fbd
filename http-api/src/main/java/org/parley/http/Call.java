package org.parley.http;

import java.util.Optional;
import java.util.UUID;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.CustomerKey;

/** One request on its way through the router: what is known of it so far. */
final class Call {
  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_LIMIT = 1_000;
  private static final int MAX_CURSOR_CHARS = 1_000;
  private static final byte[] EMPTY_OBJECT = {'{', '}'};

  private final HttpRequest request;
  private final String requestId;
  private final Endpoint endpoint;
  private final String placeholder;
  private String tenant = "";
  private ByteString body = ByteString.emptyByteString();
  private @Nullable String idempotencyKey;

  /**
   * @param placeholder what stands in the path where the endpoint has its placeholder, decoded
   */
  Call(HttpRequest request, String requestId, Endpoint endpoint, String placeholder) {
    this.request = request;
    this.requestId = requestId;
    this.endpoint = endpoint;
    this.placeholder = placeholder;
  }

  HttpRequest request() {
    return request;
  }

  String requestId() {
    return requestId;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  /** The value of the path's placeholder. */
  String id() {
    return placeholder;
  }

  /** The value of the path's placeholder as a customer's id, which it may not be able to be. */
  String customerId() {
    if (!CustomerKey.isValidId(placeholder)) {
      throw Fault.badRequest(
          "invalidCustomerId",
          "A customer's id has 1 to 128 characters, none of them white space, a control"
              + " character or '|'.");
    }
    return placeholder;
  }

  void admit(String whose) {
    tenant = whose;
  }

  String tenant() {
    return tenant;
  }

  void take(ByteString bytes) {
    body = bytes;
  }

  ByteString body() {
    return body;
  }

  void claim(String key) {
    idempotencyKey = key;
  }

  /** Reads the body, which is small and here already. */
  <T> T read(Class<T> type) {
    boolean absent = body.isEmpty() && endpoint.body() == Endpoint.Body.OPTIONAL_JSON;
    return Json.read(absent ? EMPTY_OBJECT : body.toArrayUnsafe(), type);
  }

  /**
   * What ids are made from: the same for every repetition under one idempotency key, so that a
   * crash between doing and remembering doubles nothing; new each time without a key.
   */
  String seed() {
    return idempotencyKey == null
        ? UUID.randomUUID().toString()
        : tenant + '\n' + endpoint.route() + '\n' + idempotencyKey;
  }

  Optional<String> query(String name) {
    if (request.getUri().rawQueryString().isEmpty()) return Optional.empty();
    return request.getUri().query().get(name);
  }

  /** How many rows a page may have. */
  int limit() {
    Optional<String> text = query("limit");
    if (text.isEmpty()) return DEFAULT_LIMIT;
    try {
      int limit = Integer.parseInt(text.get());
      if (limit >= 1 && limit <= MAX_LIMIT) return limit;
    } catch (NumberFormatException e) {
      throw badLimit();
    }
    throw badLimit();
  }

  Optional<String> cursor() {
    Optional<String> cursor = query("cursor");
    if (cursor.isPresent()
        && (cursor.get().isEmpty() || cursor.get().length() > MAX_CURSOR_CHARS)) {
      throw Fault.badRequest("invalidCursor", "The cursor was not given out here.");
    }
    return cursor;
  }

  private static Fault badLimit() {
    return Fault.badRequest("invalidQuery", "limit must be 1 to " + MAX_LIMIT + ".");
  }
}
