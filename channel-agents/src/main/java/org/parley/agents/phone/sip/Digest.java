package org.parley.agents.phone.sip;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Answers a challenge by digest (RFC 3261, section 22; RFC 7616; RFC 8760): MD5 and SHA-256, with
 * and without session, with {@code qop=auth} or none.
 */
public final class Digest {
  private static final Map<String, String> ALGORITHMS =
      Map.of("md5", "MD5", "md5-sess", "MD5", "sha-256", "SHA-256", "sha-256-sess", "SHA-256");

  private Digest() {}

  /**
   * The value of Authorization or Proxy-Authorization, or nothing when the challenge asks for
   * something else.
   *
   * @param challenge the value of WWW-Authenticate or Proxy-Authenticate
   * @param uri the request's target, as it stands there
   * @param clientNonce random, hexadecimal
   */
  public static Optional<String> answer(
      String challenge,
      String username,
      String password,
      String method,
      String uri,
      String clientNonce) {
    if (!challenge.regionMatches(true, 0, "Digest ", 0, 7)) return Optional.empty();
    Map<String, String> asked = fields(challenge.substring(7));
    String realm = asked.get("realm");
    String nonce = asked.get("nonce");
    String algorithm = asked.getOrDefault("algorithm", "MD5");
    String hash = ALGORITHMS.get(algorithm.toLowerCase(Locale.ROOT));
    if (realm == null || nonce == null || hash == null) return Optional.empty();
    String qop = asked.get("qop");
    boolean auth = qop != null;
    if (qop != null && !List.of(qop.toLowerCase(Locale.ROOT).split("[ ,]+")).contains("auth")) {
      return Optional.empty();
    }
    String secret = hex(hash, username + ':' + realm + ':' + password);
    if (algorithm.toLowerCase(Locale.ROOT).endsWith("-sess")) {
      secret = hex(hash, secret + ':' + nonce + ':' + clientNonce);
    }
    String what = hex(hash, method + ':' + uri);
    String middle = auth ? nonce + ":00000001:" + clientNonce + ":auth" : nonce;
    String response = hex(hash, secret + ':' + middle + ':' + what);
    StringBuilder out = new StringBuilder(256).append("Digest ");
    quoted(out, "username", username).append(", ");
    quoted(out, "realm", realm).append(", ");
    quoted(out, "nonce", nonce).append(", ");
    quoted(out, "uri", uri).append(", ");
    quoted(out, "response", response).append(", algorithm=").append(algorithm);
    if (auth) out.append(", qop=auth, nc=00000001, cnonce=\"").append(clientNonce).append('"');
    String opaque = asked.get("opaque");
    if (opaque != null) quoted(out.append(", "), "opaque", opaque);
    return Optional.of(out.toString());
  }

  /** The fields of a challenge or of an answer, by name in any case. */
  public static Map<String, String> fields(String value) {
    Map<String, String> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String part : HeaderValue.split(value)) {
      int equals = part.indexOf('=');
      if (equals <= 0) continue;
      fields.put(
          part.substring(0, equals).strip(),
          HeaderValue.unquote(part.substring(equals + 1).strip()));
    }
    return fields;
  }

  private static StringBuilder quoted(StringBuilder out, String name, String value) {
    out.append(name).append("=\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') out.append('\\');
      out.append(c);
    }
    return out.append('"');
  }

  private static String hex(String algorithm, String text) {
    try {
      byte[] octets = text.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(octets));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has MD5 and SHA-256", e);
    }
  }
}
