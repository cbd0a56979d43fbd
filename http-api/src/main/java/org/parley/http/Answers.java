package org.parley.http;

import java.util.List;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.util.ByteString;

/** Builds the answers of requests that went well. */
final class Answers {
  /** On every JSON answer: it may hold personal data, and it is nothing but JSON. */
  static final List<HttpHeader> JSON_HEADERS =
      List.of(
          RawHeader.create("Cache-Control", "no-store"),
          RawHeader.create("X-Content-Type-Options", "nosniff"));

  private Answers() {}

  static HttpResponse ok(Object body) {
    return json(200, body);
  }

  static HttpResponse json(int status, Object body) {
    return json(status, ByteString.fromArrayUnsafe(Json.write(body)));
  }

  static HttpResponse json(int status, ByteString body) {
    return HttpResponse.create()
        .withStatus(status)
        .withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, body))
        .addHeaders(JSON_HEADERS);
  }

  /** Something that was made, and where it is. */
  static HttpResponse created(String location, Object body) {
    return json(201, body).addHeader(RawHeader.create("Location", location));
  }

  /** With the entity tag of a version (RFC 9110, section 8.8.3). */
  static HttpResponse tagged(HttpResponse response, long version) {
    return response.addHeader(RawHeader.create("ETag", EntityTag.of(version)));
  }
}
