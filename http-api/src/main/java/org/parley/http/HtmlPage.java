package org.parley.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** Small pages without scripts, with headers that allow nothing but themselves. */
final class HtmlPage {
  private static final String STYLE =
      "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:4rem auto;padding:0 1rem;"
          + "color:#1d2733;background:#fff}h1{font-size:1.5rem}button{font:inherit;padding:.6rem"
          + " 1.4rem;border:0;border-radius:.4rem;background:#0b5cad;color:#fff;cursor:pointer}"
          + "details{border-top:1px solid #d7dde3;padding:.6rem 0}summary{cursor:pointer}"
          + "pre{white-space:pre-wrap;background:#f4f6f8;padding:1rem;border-radius:.4rem}"
          + "small{color:#5b6875}";

  /** On every page of ours. */
  static final List<HttpHeader> STRICT =
      List.of(
          RawHeader.create("Cache-Control", "no-store"),
          RawHeader.create("X-Content-Type-Options", "nosniff"),
          RawHeader.create("X-Frame-Options", "DENY"),
          RawHeader.create("Referrer-Policy", "no-referrer"),
          RawHeader.create("Cross-Origin-Opener-Policy", "same-origin"),
          RawHeader.create("Permissions-Policy", "camera=(), geolocation=(), microphone=()"));

  private static final HttpHeader POLICY =
      RawHeader.create(
          "Content-Security-Policy",
          "default-src 'none'; style-src 'sha256-"
              + sha256(STYLE)
              + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");

  private HtmlPage() {}

  /**
   * @param body HTML; what comes from outside went through {@link #escaped} first
   */
  static HttpResponse of(int status, String title, String body) {
    String page =
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\""
            + " content=\"width=device-width,initial-scale=1\"><title>"
            + escaped(title)
            + "</title><style>"
            + STYLE
            + "</style></head><body><main><h1>"
            + escaped(title)
            + "</h1>"
            + body
            + "</main></body></html>";
    return HttpResponse.create()
        .withStatus(status)
        .withEntity(HttpEntities.create(ContentTypes.TEXT_HTML_UTF8, page))
        .addHeaders(STRICT)
        .addHeader(POLICY);
  }

  static String escaped(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c);
      }
    }
    return out.toString();
  }

  private static String sha256(String text) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
