package org.parley.http;

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
    return parley.message(call.id()).thenApply(Answers::ok);
  }

  /** The message is durable, and not yet sent. */
  static HttpResponse accepted(Communication message) {
    return Answers.json(202, message)
        .addHeader(RawHeader.create("Location", "/v1/messages/" + message.key().stepId()));
  }
}
