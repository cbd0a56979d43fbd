package org.parley.http;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.parley.core.api.Parley;
import org.parley.core.api.Refusal;
import org.parley.core.api.RefusedException;
import org.parley.http.Endpoint.Body;
import org.parley.http.Endpoint.Produces;

/**
 * The unsubscribe link of every marketing message (RFC 8058). A GET only shows a page with a
 * button: scanners and previews follow links, and nobody may be opted out by them.
 */
final class Unsubscribe {
  private static final int MAX_TOKEN_CHARS = 1_000;
  private static final String PATH = "/v1/unsubscribe/{token}";

  /**
   * As a URL-encoded form, or as a part of a multipart form; section 3.1 allows both. Possessive,
   * because the matcher would take a stack frame for each line that it might give back.
   */
  private static final Pattern ONE_CLICK =
      Pattern.compile(
          "(^|&)List-Unsubscribe=One-Click(&|\\s*$)"
              + "|name=\"?List-Unsubscribe\"?[^\\n]*\\r?\\n(?:[^\\r\\n]++\\r?\\n)*+\\r?\\nOne-Click\\s");

  private static final String ASK =
      "<p>You will get no more marketing messages from us on this channel.</p>"
          + "<form method=\"post\"><input type=\"hidden\" name=\"List-Unsubscribe\""
          + " value=\"One-Click\"><button type=\"submit\">Unsubscribe</button></form>";

  private final Parley parley;

  Unsubscribe(Parley parley) {
    this.parley = parley;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(PATH, this::ask).open().producing(Produces.ANY),
        Endpoint.post(PATH, this::leave).open().reading(Body.FORM).producing(Produces.ANY));
  }

  private CompletionStage<HttpResponse> ask(Call call) {
    return CompletableFuture.completedFuture(HtmlPage.of(200, "Unsubscribe?", ASK));
  }

  private CompletionStage<HttpResponse> leave(Call call) {
    if (!ONE_CLICK.matcher(call.body().utf8String()).find()) {
      throw Fault.badRequest(
          "notOneClick", "The form must say List-Unsubscribe=One-Click (RFC 8058).");
    }
    if (call.id().length() > MAX_TOKEN_CHARS) return unknown();
    return parley
        .unsubscribe(call.id())
        .handle(
            (done, failure) -> {
              if (failure == null) {
                return CompletableFuture.completedFuture(
                    HtmlPage.of(
                        200, "You are unsubscribed", "<p>It is done. Nothing more to do.</p>"));
              }
              if (isUnknown(failure)) return unknown();
              throw new CompletionException(Problems.unwrap(failure));
            })
        .thenCompose(answer -> answer);
  }

  private static boolean isUnknown(Throwable failure) {
    return Problems.unwrap(failure) instanceof RefusedException refused
        && (refused.refusal().kind() == Refusal.Kind.NOT_FOUND
            || refused.refusal().kind() == Refusal.Kind.INVALID);
  }

  /** People meet this one, so it is a page and not a problem document. */
  private static CompletableFuture<HttpResponse> unknown() {
    return CompletableFuture.completedFuture(
        HtmlPage.of(
            404,
            "This link does not work",
            "<p>It may have been cut in two. Please use the link of another message, or answer"
                + " the message.</p>"));
  }
}
