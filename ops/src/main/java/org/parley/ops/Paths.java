package org.parley.ops;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Parts of URLs. */
final class Paths {
  private Paths() {}

  /** A text as one segment of a path or one value of a query (RFC 3986, section 2). */
  static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
