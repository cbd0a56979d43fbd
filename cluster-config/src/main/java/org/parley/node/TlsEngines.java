package org.parley.node;

import com.typesafe.config.Config;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import kamon.Kamon;
import kamon.metric.MeasurementUnit;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.remote.artery.tcp.SSLEngineProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;

/**
 * TLS between nodes: both sides show a certificate of a trusted authority, and who connects checks
 * that the other's names the host it wanted. A node connects back to whoever introduces itself, so
 * both names are checked before anyone joins. Files that have changed are read at the next
 * connection; if they are not good, the old ones stay.
 */
final class TlsEngines implements SSLEngineProvider {
  private static final Logger LOG = LoggerFactory.getLogger(TlsEngines.class);
  private static final Duration SOON = Duration.ofDays(30);
  private static final String[] PROTOCOLS = {"TLSv1.3"};
  private static final String[] CIPHERS = {
    "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"
  };

  private final TlsFiles files;
  private String stamp;
  private TlsFiles.Identity identity;

  /** Called by Pekko, which finds this class by its name in {@code parley-node.conf}. */
  TlsEngines(ActorSystem system) {
    this(system.settings().config());
  }

  TlsEngines(Config config) {
    files = TlsFiles.from(config);
    stamp = files.stamp();
    identity = files.read();
    tell();
  }

  private synchronized TlsFiles.Identity identity() {
    String now = files.stamp();
    if (now.equals(stamp)) return identity;
    stamp = now;
    try {
      identity = files.read();
      tell();
    } catch (IllegalArgumentException e) {
      LOG.error("The new files for TLS are not used, the old ones are still. {}", e.getMessage());
    }
    return identity;
  }

  private void tell() {
    Kamon.gauge("parley.cluster.certificate-end", MeasurementUnit.time().seconds())
        .withoutTags()
        .update((double) identity.until().getEpochSecond());
    if (Instant.now().plus(SOON).isAfter(identity.until())) {
      LOG.warn("The certificate {} ends soon, at {}", files.certificate(), identity.until());
    } else {
      LOG.info("TLS between nodes as {}, until {}", identity.names(), identity.until());
    }
  }

  @Override
  public SSLEngine createServerSSLEngine(String hostname, int port) {
    SSLParameters parameters = parameters();
    parameters.setNeedClientAuth(true);
    return engine(hostname, port, false, parameters);
  }

  @Override
  public SSLEngine createClientSSLEngine(String hostname, int port) {
    SSLParameters parameters = parameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    return engine(hostname, port, true, parameters);
  }

  private static SSLParameters parameters() {
    return new SSLParameters(CIPHERS.clone(), PROTOCOLS.clone());
  }

  private SSLEngine engine(String hostname, int port, boolean client, SSLParameters parameters) {
    SSLEngine engine = identity().context().createSSLEngine(hostname, port);
    engine.setUseClientMode(client);
    engine.setSSLParameters(parameters);
    return engine;
  }

  // The engines themselves refuse what must be refused, before a session exists.

  @Override
  public Option<Throwable> verifyClientSession(String hostname, SSLSession session) {
    return Option.empty();
  }

  @Override
  public Option<Throwable> verifyServerSession(String hostname, SSLSession session) {
    return Option.empty();
  }
}
