package org.parley.agents.email.inbound;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.subethamail.smtp.internal.command.MailCommand;
import org.subethamail.smtp.server.SMTPServer;
import org.subethamail.smtp.server.SSLSocketCreator;

/**
 * The SMTP server that mail comes back to (RFC 5321). It takes mail for the configured domains and
 * for no other, and says 250 only when what the mail says is durable. A connection costs a thread,
 * and there are only so many.
 */
final class SmtpDoor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SmtpDoor.class);

  /** The library turns away some connections with a word, each on a thread. */
  private static final int SPARE_THREADS = 12;

  private final SMTPServer server;
  private final SmtpSessions sessions;

  private SmtpDoor(SMTPServer server, SmtpSessions sessions) {
    this.server = server;
    this.sessions = sessions;
  }

  /**
   * Listens from now on.
   *
   * @throws IllegalStateException with a sentence for a person when it cannot
   */
  static SmtpDoor open(
      InboundSettings settings, SmtpDoorSettings own, Intake intake, InboundMetrics metrics) {
    SmtpSessions sessions = new SmtpSessions(own, metrics);
    SMTPServer.Builder builder =
        SMTPServer.port(own.port())
            .bindAddress(address(own.host()))
            .hostName(own.name())
            .softwareName("Parley")
            .insertReceivedHeaders(false)
            .maxConnections(own.connections())
            .maxRecipients(own.maxRecipients())
            .maxMessageSize(own.maxOctets())
            .connectionTimeout(Math.toIntExact(own.idleTimeout().toMillis()), TimeUnit.MILLISECONDS)
            .sessionHandler(sessions)
            .executorService(threads(own.connections() + SPARE_THREADS))
            .serverThreadName("parley-inbound-smtp")
            .messageHandlerFactory(context -> new SmtpVisit(settings, own, intake, metrics));
    own.certificate().ifPresent(files -> builder.startTlsSocketFactory(tls(files)).enableTLS(true));
    SMTPServer server = builder.build();
    server.getCommandHandler().addCommand(new SmtpCommands.Hello(own));
    server.getCommandHandler().addCommand(new SmtpCommands.NotHere("BDAT"));
    server.getCommandHandler().addCommand(new SmtpCommands.NotHere("AUTH"));
    server.getCommandHandler().addCommand(new SmtpCommands.NotHere("VRFY"));
    server.getCommandHandler().addCommand(new SmtpCommands.NotHere("EXPN"));
    server
        .getCommandHandler()
        .addCommand(new SmtpCommands.Mail(new MailCommand(sender -> sender.length() <= 320)));
    try {
      server.start();
    } catch (RuntimeException e) {
      throw new IllegalStateException(
          "The inbound mail server cannot listen on " + own.host() + " port " + own.port(), e);
    }
    LOG.info("Inbound mail is taken on {} port {}", own.host(), server.getPortAllocated());
    return new SmtpDoor(server, sessions);
  }

  int port() {
    return server.getPortAllocated();
  }

  /** Ends connections that have lasted too long. To be called every second or so. */
  void tick() {
    sessions.endOld();
  }

  /** Listens no more and ends what is open; whose mail was not answered comes again. */
  @Override
  public void close() {
    sessions.endAll();
    server.stop();
  }

  private static InetAddress address(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("The inbound mail server's host is unknown: " + host, e);
    }
  }

  /** Of a server's own making: the library's looks the client's name up before it shakes hands. */
  private static SSLSocketCreator tls(SmtpDoorSettings.Certificate files) {
    SSLSocketFactory sockets = context(files).getSocketFactory();
    return plain -> (SSLSocket) sockets.createSocket(plain, null, true);
  }

  private static SSLContext context(SmtpDoorSettings.Certificate files) {
    try {
      return ((JdkSslContext)
              SslContextBuilder.forServer(files.certificate().toFile(), files.key().toFile())
                  .sslProvider(SslProvider.JDK)
                  .build())
          .context();
    } catch (SSLException | IllegalArgumentException e) {
      throw new IllegalStateException(
          "The inbound mail server's certificate or key cannot be read: " + files, e);
    }
  }

  private static ThreadPoolExecutor threads(int most) {
    AtomicInteger number = new AtomicInteger();
    return new ThreadPoolExecutor(
        0,
        most,
        30,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        task -> {
          Thread thread = new Thread(quiet(task), "parley-inbound-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }

  /** The library throws on what strangers send; nobody needs its stack trace. */
  private static Runnable quiet(Runnable worker) {
    return () -> {
      try {
        worker.run();
      } catch (RuntimeException e) {
        LOG.debug("A connection ended with {}", e.getClass().getSimpleName());
      }
    };
  }
}
