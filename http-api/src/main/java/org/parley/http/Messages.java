package org.parley.http;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.parley.core.api.Communication;
import org.parley.core.api.Parley;

/** Single messages, by their ids. */
final class Messages {
  private final Parley parley;

  Messages(Parley parley) {
    this.parley = parley;
  }

  List<Endpoint> endpoints() {
    return List.of(Endpoint.get("/v1/messages/{id}", this::show));
  }

  private CompletionStage<HttpResponse> show(Call call) {
    return parley.message(call.id()).thenApply(found -> Answers.ok(Body.of(found)));
  }

  /** A message as clients see it: a communication with an id of its own. */
  private record Body(String id, @JsonUnwrapped Communication communication) {
    static Body of(Communication message) {
      return new Body(message.key().stepId(), message);
    }
  }

  /** The message is durable, and not yet sent. */
  static HttpResponse accepted(Communication message) {
    return Answers.json(202, Body.of(message))
        .addHeader(RawHeader.create("Location", "/v1/messages/" + message.key().stepId()));
  }
}
