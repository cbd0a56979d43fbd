package org.parley.http;

import java.util.Optional;
import java.util.OptionalLong;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/** Entity tags are versions: {@code "7"} is the seventh. */
final class EntityTag {
  private static final int MAX_DIGITS = 18;

  private EntityTag() {}

  static String of(long version) {
    return "\"" + version + "\"";
  }

  /**
   * The version that {@code If-Match} asks for (RFC 9110, section 13.1.1); absent without the
   * header and for {@code *}.
   *
   * @throws Fault 412 when the tag is one that was never given out here, 400 when there are several
   */
  static Optional<Long> ifMatch(HttpRequest request) {
    Optional<String> header = request.getHeader("If-Match").map(HttpHeader::value);
    if (header.isEmpty() || header.get().trim().equals("*")) return Optional.empty();
    String tag = header.get().trim();
    if (tag.indexOf(',') >= 0) {
      throw Fault.badRequest("invalidIfMatch", "If-Match must hold one entity tag.");
    }
    OptionalLong version = version(tag);
    if (version.isEmpty()) {
      throw Fault.of(412, "stale", "If-Match holds an entity tag that was not given out here.");
    }
    return Optional.of(version.getAsLong());
  }

  /** Whether the client has this version already ({@code If-None-Match}). */
  static boolean isKnown(HttpRequest request, long version) {
    Optional<String> header = request.getHeader("If-None-Match").map(HttpHeader::value);
    if (header.isEmpty()) return false;
    for (String tag : header.get().split(",", -1)) {
      String trimmed = tag.trim();
      String strong = trimmed.startsWith("W/") ? trimmed.substring(2) : trimmed;
      if (strong.equals(of(version))) return true;
    }
    return false;
  }

  private static OptionalLong version(String tag) {
    int last = tag.length() - 1;
    if (last < 2 || last > MAX_DIGITS + 1 || tag.charAt(0) != '"' || tag.charAt(last) != '"') {
      return OptionalLong.empty();
    }
    for (int i = 1; i < last; i++) {
      if (tag.charAt(i) < '0' || tag.charAt(i) > '9') return OptionalLong.empty();
    }
    return OptionalLong.of(Long.parseLong(tag.substring(1, last)));
  }
}
