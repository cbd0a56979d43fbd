package org.parley.http;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/**
 * One row of the table of everything that answers: what the router, the metrics and the test of the
 * API's description read.
 *
 * @param path with at most one placeholder, such as {@code /v1/campaigns/{id}}
 * @param query the query parameters it knows; others are refused
 */
record Endpoint(
    String method,
    String path,
    Access access,
    Body body,
    Produces produces,
    List<String> query,
    Handler handler) {

  /** Who may call. */
  enum Access {
    /** Whoever has an API key. */
    KEY,
    /** Everyone. */
    OPEN
  }

  /** What it reads. */
  enum Body {
    NONE,
    /** JSON of at most {@code max-body}. */
    JSON,
    /** The same, or nothing at all, which means {@code {}}. */
    OPTIONAL_JSON,
    /** JSON or a JSON merge patch (RFC 7396). */
    PATCH,
    /** A small form. */
    FORM,
    /** A stream that the handler reads by itself. */
    STREAM
  }

  /** What it answers, to compare with {@code Accept}. */
  enum Produces {
    JSON,
    EVENTS,
    /** Whatever it is, it is sent. */
    ANY
  }

  /** Does what was asked. It may throw, and it may answer at once. */
  interface Handler {
    CompletionStage<HttpResponse> handle(Call call);
  }

  Endpoint {
    query = List.copyOf(query);
  }

  static Endpoint get(String path, Handler handler) {
    return new Endpoint("GET", path, Access.KEY, Body.NONE, Produces.JSON, List.of(), handler);
  }

  static Endpoint post(String path, Handler handler) {
    return new Endpoint("POST", path, Access.KEY, Body.JSON, Produces.JSON, List.of(), handler);
  }

  static Endpoint put(String path, Handler handler) {
    return new Endpoint("PUT", path, Access.KEY, Body.JSON, Produces.JSON, List.of(), handler);
  }

  static Endpoint patch(String path, Handler handler) {
    return new Endpoint("PATCH", path, Access.KEY, Body.PATCH, Produces.JSON, List.of(), handler);
  }

  Endpoint open() {
    return new Endpoint(method, path, Access.OPEN, body, produces, query, handler);
  }

  Endpoint reading(Body what) {
    return new Endpoint(method, path, access, what, produces, query, handler);
  }

  Endpoint producing(Produces what) {
    return new Endpoint(method, path, access, body, what, query, handler);
  }

  Endpoint knowing(String... parameters) {
    return new Endpoint(method, path, access, body, produces, List.of(parameters), handler);
  }

  /** Its name in metrics and in the scope of idempotency keys. */
  String route() {
    return method + " " + path;
  }
}
