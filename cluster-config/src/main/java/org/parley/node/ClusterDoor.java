package org.parley.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * Where and how other nodes reach this one: one address, and over TLS when other networks reach it
 * too.
 */
final class ClusterDoor {
  private static final String HOST = "parley.cluster.host";

  private ClusterDoor() {}

  /**
   * The configuration with Pekko's words for {@code parley.cluster.tls}.
   *
   * @throws IllegalArgumentException for an address or a file that will not do
   */
  static Config translate(Config config) {
    boolean tls = config.getBoolean("parley.cluster.tls.enabled");
    check(config.getString(HOST), tls);
    if (!tls) return config;
    TlsFiles.Identity unused = TlsFiles.from(config).read();
    return config.withValue(
        "pekko.remote.artery.transport", ConfigValueFactory.fromAnyRef("tls-tcp"));
  }

  /** A name is taken at its word: what it stands for is not looked up. */
  private static void check(String host, boolean tls) {
    if (host.isBlank()) throw bad(host, "allowed is the one address where other nodes reach this");
    if (!CertificateNames.isAddress(host)) return;
    InetAddress address = CertificateNames.address(host);
    if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
      throw bad(host, "allowed is the one address where other nodes reach this one");
    }
    if (!tls && !isPrivate(address)) {
      throw bad(host, "without parley.cluster.tls.enabled = on, allowed is a private address");
    }
  }

  private static boolean isPrivate(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean shared = bytes.length == 4 && bytes[0] == 100 && (bytes[1] & 0xC0) == 64; // RFC 6598
    boolean unique = address instanceof Inet6Address && (bytes[0] & 0xFE) == 0xFC; // RFC 4193
    return address.isLoopbackAddress()
        || address.isSiteLocalAddress()
        || address.isLinkLocalAddress()
        || shared
        || unique;
  }

  private static IllegalArgumentException bad(String host, String allowed) {
    return new IllegalArgumentException(HOST + " = \"" + host + "\": " + allowed);
  }
}
