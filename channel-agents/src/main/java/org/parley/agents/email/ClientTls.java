package org.parley.agents.email;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The client's side of TLS: it checks the certificate and the host's name unless told not to. */
final class ClientTls {
  private final @Nullable SslContext context;
  private final SmtpSettings settings;

  private ClientTls(SmtpSettings settings, @Nullable SslContext context) {
    this.settings = settings;
    this.context = context;
  }

  static ClientTls of(SmtpSettings settings) {
    if (settings.tls() == SmtpSettings.TlsMode.OFF) return new ClientTls(settings, null);
    SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
    if (settings.tlsVerify()) {
      builder.endpointIdentificationAlgorithm("HTTPS");
    } else {
      builder
          .trustManager(InsecureTrustManagerFactory.INSTANCE)
          .endpointIdentificationAlgorithm(null);
    }
    try {
      return new ClientTls(settings, builder.build());
    } catch (SSLException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }

  SSLEngine newEngine() {
    if (context == null) throw new IllegalStateException("TLS is off");
    return context.newEngine(PooledByteBufAllocator.DEFAULT, settings.host(), settings.port());
  }
}
