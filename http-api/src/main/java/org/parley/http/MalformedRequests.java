package org.parley.http;

import java.time.Duration;
import org.apache.pekko.event.LoggingAdapter;
import org.apache.pekko.http.ParsingErrorHandler;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.scaladsl.model.ErrorInfo;
import org.apache.pekko.http.scaladsl.model.StatusCode;
import org.apache.pekko.http.scaladsl.settings.ServerSettings;

/**
 * Answers what is not even HTTP, before there is a request: a problem document without a request
 * id. What the client sent is not repeated in it. Pekko finds it by its class name.
 */
final class MalformedRequests extends ParsingErrorHandler {
  /** The name under which Pekko looks for the one instance of a Scala object. */
  @SuppressWarnings("MemberName")
  static final MalformedRequests MODULE$ = new MalformedRequests();

  private final Problems problems = new Problems(Duration.ofSeconds(5));

  private MalformedRequests() {}

  @Override
  public HttpResponse handle(
      StatusCode status, ErrorInfo error, LoggingAdapter log, ServerSettings settings) {
    Fault fault =
        switch (status.intValue()) {
          case 413 -> Fault.tooLarge("The body has more bytes than are allowed.");
          case 414 -> Fault.of(414, "uriTooLong", "The address of the request is too long.");
          case 431 -> Fault.of(431, "headersTooLarge", "A header of the request is too long.");
          case 501 -> Fault.of(501, "unknownMethod", "The method of the request is not known.");
          default ->
              Fault.of(
                  status.intValue(), "malformedRequest", "The request is not well-formed HTTP.");
        };
    return problems.document(fault, "");
  }
}
