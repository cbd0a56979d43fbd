package org.parley.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.scaladsl.model.IllegalUriException;
import org.apache.pekko.pattern.CircuitBreakerOpenException;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.Refusal;
import org.parley.core.api.RefusedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * The one place where refusals and failures become HTTP: problem documents after RFC 9457.
 *
 * <p>The rule for what a client got wrong: 400 when the request cannot be read as the API describes
 * it (malformed JSON, an unknown field, a wrong type, a bad query), 422 when it can be read but
 * what it says makes no sense to the engine.
 */
final class Problems {
  /** A problem document. The {@code instance} is the request's id. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  private record Document(
      String type,
      String title,
      int status,
      String detail,
      String code,
      String instance,
      List<Refusal.Problem> errors) {}

  private static final Logger log = LoggerFactory.getLogger(Problems.class);
  private static final int MAX_CAUSES = 20;
  static final ContentType PROBLEM_JSON = ContentTypes.parse("application/problem+json");

  private final HttpHeader retryAfter;

  Problems(Duration retryAfter) {
    this.retryAfter = RawHeader.create("Retry-After", Long.toString(retryAfter.toSeconds()));
  }

  /** The answer to a failed request. What nobody foresaw is logged once, with the request's id. */
  HttpResponse answer(Throwable failure, String requestId, boolean hadBody) {
    return document(faultOf(failure, requestId, hadBody), requestId);
  }

  /** What a failure means to a client. */
  Fault faultOf(Throwable failure, String requestId, boolean hadBody) {
    Throwable cause = unwrap(failure);
    if (cause instanceof Fault fault) return fault;
    if (cause instanceof RefusedException refused) return refused(refused.refusal(), hadBody);
    if (cause instanceof IllegalUriException) {
      return Fault.badRequest("invalidUri", "The address of the request cannot be read.");
    }
    if (isUnavailable(cause)) {
      logged(requestId, () -> log.warn("a request met an unavailable part: {}", summary(cause)));
      return Fault.of(503, "unavailable", "Parley cannot answer this at the moment; try again.");
    }
    logged(requestId, () -> log.error("a request failed", cause));
    return Fault.of(
        500, "internal", "Something went wrong here. The log names it by the request's id.");
  }

  HttpResponse document(Fault fault, String requestId) {
    Document document =
        new Document(
            "urn:parley:problem:" + fault.code(),
            title(fault.status()),
            fault.status(),
            fault.detail(),
            fault.code(),
            requestId,
            fault.places());
    HttpResponse response =
        HttpResponse.create()
            .withStatus(fault.status())
            .withEntity(
                HttpEntities.create(PROBLEM_JSON, ByteString.fromArrayUnsafe(Json.write(document))))
            .addHeaders(Answers.JSON_HEADERS)
            .addHeaders(fault.headers());
    return fault.status() == 503 ? response.addHeader(retryAfter) : response;
  }

  private static Fault refused(Refusal refusal, boolean hadBody) {
    int status =
        switch (refusal.kind()) {
          case INVALID -> hadBody ? 422 : 400;
          case NOT_FOUND -> 404;
          case CONFLICT -> 409;
          case STALE -> 412;
          case BUSY -> 503;
        };
    return new Fault(status, refusal.code(), refusal.detail(), refusal.problems(), List.of());
  }

  /** Takes away what futures wrap around a failure. */
  static Throwable unwrap(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException || cause instanceof ExecutionException) {
      Throwable inner = cause.getCause();
      if (inner == null) return cause;
      cause = inner;
    }
    return cause;
  }

  private static boolean isUnavailable(Throwable failure) {
    Throwable cause = failure;
    for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
      if (cause instanceof TimeoutException
          || cause instanceof CircuitBreakerOpenException
          || cause instanceof SQLTransientException
          || cause instanceof SQLNonTransientConnectionException
          || cause instanceof SQLRecoverableException) {
        return true;
      }
      if (cause instanceof SQLException sql && meansLoss(sql.getSQLState())) return true;
      cause = cause.getCause();
    }
    return false;
  }

  /**
   * Connection exception, no resources, operator's intervention, system error, read-only server.
   */
  private static boolean meansLoss(@Nullable String state) {
    if (state == null) return false;
    return state.startsWith("08")
        || state.startsWith("53")
        || state.startsWith("57")
        || state.startsWith("58")
        || state.equals("25006");
  }

  /** Type names only: a message may hold what a customer wrote. */
  private static String summary(Throwable failure) {
    StringBuilder names = new StringBuilder(failure.getClass().getSimpleName());
    Throwable cause = failure.getCause();
    for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
      names.append(" <- ").append(cause.getClass().getSimpleName());
      cause = cause.getCause();
    }
    return names.toString();
  }

  private static void logged(String requestId, Runnable line) {
    MDC.put("requestId", requestId);
    try {
      line.run();
    } finally {
      MDC.remove("requestId");
    }
  }

  private static String title(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 406 -> "Not Acceptable";
      case 408 -> "Request Timeout";
      case 409 -> "Conflict";
      case 412 -> "Precondition Failed";
      case 413 -> "Content Too Large";
      case 414 -> "URI Too Long";
      case 415 -> "Unsupported Media Type";
      case 422 -> "Unprocessable Content";
      case 431 -> "Request Header Fields Too Large";
      case 500 -> "Internal Server Error";
      case 501 -> "Not Implemented";
      case 503 -> "Service Unavailable";
      default -> "Error";
    };
  }
}
