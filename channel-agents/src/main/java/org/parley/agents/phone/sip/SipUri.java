package org.parley.agents.phone.sip;

import java.util.Locale;
import java.util.Optional;

/**
 * A SIP URI (RFC 3261, section 19.1), as far as a call needs it.
 *
 * @param user what stands before the at sign; may be empty
 * @param host a name or an address, IPv6 without brackets
 * @param port 5060 when the URI has none
 */
public record SipUri(String user, String host, int port) {
  private static final int MAX_CHARS = 1024;
  private static final int DEFAULT_PORT = 5060;

  /** Reads one; nothing when it is none, or not of the scheme {@code sip}. */
  public static Optional<SipUri> parse(String uri) {
    if (uri.length() > MAX_CHARS || !uri.toLowerCase(Locale.ROOT).startsWith("sip:")) {
      return Optional.empty();
    }
    int end = end(uri);
    int at = uri.lastIndexOf('@', end - 1);
    String user = at < 0 ? "" : uri.substring(4, at);
    String place = uri.substring(at < 0 ? 4 : at + 1, end);
    int colon = place.startsWith("[") ? place.indexOf(':', place.indexOf(']')) : place.indexOf(':');
    String host = colon < 0 ? place : place.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) host = host.substring(1, host.length() - 1);
    if (host.isEmpty() || !isHost(host)) return Optional.empty();
    int port = colon < 0 ? DEFAULT_PORT : port(place.substring(colon + 1));
    return port < 0 ? Optional.empty() : Optional.of(new SipUri(user, host, port));
  }

  /** Where parameters and headers begin; those within the user part belong to it. */
  private static int end(String uri) {
    int from = Math.max(4, uri.indexOf('@'));
    int parameters = uri.indexOf(';', from);
    int headers = uri.indexOf('?', from);
    int end = parameters < 0 ? uri.length() : parameters;
    return headers < 0 ? end : Math.min(end, headers);
  }

  private static boolean isHost(String host) {
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      boolean allowed =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '.'
              || c == '-'
              || c == ':';
      if (!allowed) return false;
    }
    return true;
  }

  private static int port(String text) {
    if (text.isEmpty() || text.length() > 5) return -1;
    try {
      int port = Integer.parseInt(text);
      return port < 1 || port > 65_535 ? -1 : port;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** A host as it stands in a URI or a Via: IPv6 in brackets. */
  public static String inUri(String host) {
    return host.indexOf(':') >= 0 ? '[' + host + ']' : host;
  }
}
