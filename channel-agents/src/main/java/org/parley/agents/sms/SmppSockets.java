package org.parley.agents.sms;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jsmpp.session.connection.Connection;
import org.jsmpp.session.connection.ConnectionFactory;
import org.jsmpp.session.connection.socket.SocketConnection;

/**
 * Connects to a carrier, with TLS when it is asked for, and with TCP_NODELAY: without it a small
 * window waits for delayed acknowledgements.
 */
final class SmppSockets implements ConnectionFactory {
  private final SmppSettings settings;

  SmppSockets(SmppSettings settings) {
    this.settings = settings;
  }

  @Override
  public Connection createConnection(String host, int port) throws IOException {
    int timeoutMillis = (int) settings.connectTimeout().toMillis();
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(host, port), timeoutMillis);
      return settings.tls()
          ? new Encrypted(encrypted(socket, timeoutMillis), socket)
          : new SocketConnection(socket);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private Socket encrypted(Socket plain, int timeoutMillis) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            context()
                .getSocketFactory()
                .createSocket(plain, settings.host(), settings.port(), true);
    if (settings.tlsVerify()) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
    }
    socket.setSoTimeout(timeoutMillis);
    socket.startHandshake();
    return socket;
  }

  private SSLContext context() {
    try {
      if (settings.tlsVerify()) return SSLContext.getDefault();
      SSLContext context = SSLContext.getInstance("TLS");
      TrustManager[] trusting = InsecureTrustManagerFactory.INSTANCE.getTrustManagers();
      context.init(null, trusting, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }

  /**
   * Closes the socket below first: an encrypted one waits for a write that is under way, which may
   * be the very one that it is closed for.
   */
  private static final class Encrypted extends SocketConnection {
    private final Socket plain;

    Encrypted(Socket encrypted, Socket plain) throws IOException {
      super(encrypted);
      this.plain = plain;
    }

    @Override
    public void close() {
      try {
        plain.close();
      } catch (IOException e) {
        // It is closed all the same.
      }
      super.close();
    }
  }
}
