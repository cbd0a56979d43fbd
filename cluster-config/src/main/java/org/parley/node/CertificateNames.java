package org.parley.node;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Whom a certificate is for: the host names and addresses among its alternative names (RFC 9525).
 */
final class CertificateNames {
  private static final int DNS = 2;
  private static final int ADDRESS = 7;

  private static final Pattern LITERAL =
      Pattern.compile("[0-9.]+|\\[?[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*]?");

  private CertificateNames() {}

  static List<String> of(X509Certificate certificate) {
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      if (all == null) return List.of();
      return all.stream()
          .filter(each -> each.get(0).equals(DNS) || each.get(0).equals(ADDRESS))
          .map(each -> String.valueOf(each.get(1)))
          .toList();
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }

  /** Whether a client that looks for this host is content with these names. */
  static boolean match(List<String> names, String host) {
    return names.stream().anyMatch(name -> matches(name, host));
  }

  private static boolean matches(String name, String host) {
    if (isAddress(host)) return isAddress(name) && address(name).equals(address(host));
    String wanted = host.toLowerCase(Locale.ROOT);
    String given = name.toLowerCase(Locale.ROOT);
    if (!given.startsWith("*.")) return given.equals(wanted);
    int dot = wanted.indexOf('.');
    return dot > 0 && given.substring(1).equals(wanted.substring(dot));
  }

  /** Whether a text is an address and not a name that must be looked up. */
  static boolean isAddress(String host) {
    return LITERAL.matcher(host).matches();
  }

  /** The address that an address in writing means; nothing is looked up. */
  static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("\"" + literal + "\" is no address", e);
    }
  }
}
