package org.parley.http;

import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.util.ByteString;
import org.parley.core.api.Refusal;
import org.parley.http.Endpoint.Produces;
import org.parley.http.api.SandboxMail;
import org.parley.http.api.Surroundings;

/** What those who run a node ask of it, and the inbox of the sandbox carrier. */
final class Operations {
  private static final ContentType PROMETHEUS =
      ContentTypes.parse("text/plain; version=0.0.4; charset=UTF-8");
  private static final ByteString OK = ByteString.fromString("{\"status\":\"ok\"}");
  private static final int MAX_SHOWN = 200;

  private final Surroundings surroundings;

  Operations(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  List<Endpoint> endpoints() {
    List<Endpoint> endpoints = new ArrayList<>();
    endpoints.add(Endpoint.get("/healthz", this::health).open());
    endpoints.add(Endpoint.get("/readyz", this::readiness).open());
    endpoints.add(Endpoint.get("/metrics", this::metrics).open().producing(Produces.ANY));
    surroundings
        .sandboxInbox()
        .ifPresent(
            inbox ->
                endpoints.add(
                    Endpoint.get("/sandbox/inbox", call -> inbox(inbox.get()))
                        .open()
                        .producing(Produces.ANY)));
    return endpoints;
  }

  /** The process answers. */
  private CompletionStage<HttpResponse> health(Call call) {
    return CompletableFuture.completedFuture(Answers.json(200, OK));
  }

  private CompletionStage<HttpResponse> readiness(Call call) {
    return surroundings
        .notReady()
        .get()
        .thenApply(
            reasons -> {
              if (reasons.isEmpty()) return Answers.ok(Map.of("status", "ready"));
              List<Refusal.Problem> errors =
                  reasons.stream().map(reason -> new Refusal.Problem("", reason)).toList();
              throw new Fault(503, "notReady", String.join("; ", reasons), errors, List.of());
            });
  }

  private CompletionStage<HttpResponse> metrics(Call call) {
    return CompletableFuture.completedFuture(
        HttpResponse.create()
            .withStatus(200)
            .withEntity(
                HttpEntities.create(
                    PROMETHEUS, ByteString.fromString(surroundings.metrics().get()))));
  }

  private static CompletionStage<HttpResponse> inbox(List<SandboxMail> mails) {
    StringBuilder body =
        new StringBuilder("<p>What the sandbox carrier took. Nothing of it went any further.</p>");
    if (mails.isEmpty()) body.append("<p>Nothing yet.</p>");
    for (SandboxMail mail : mails.subList(0, Math.min(MAX_SHOWN, mails.size()))) {
      body.append("<details><summary>")
          .append(HtmlPage.escaped(mail.subject()))
          .append(" <small>to ")
          .append(HtmlPage.escaped(mail.to()))
          .append(", ")
          .append(mail.receivedAt().truncatedTo(ChronoUnit.SECONDS))
          .append("</small></summary><small>from ")
          .append(HtmlPage.escaped(mail.from()))
          .append("</small><pre>")
          .append(HtmlPage.escaped(mail.text()))
          .append("</pre></details>");
    }
    return CompletableFuture.completedFuture(HtmlPage.of(200, "Sandbox inbox", body.toString()));
  }
}
