package org.parley.agents.email;

import com.hubspot.smtp.client.EhloResponse;
import com.hubspot.smtp.client.Extension;
import com.hubspot.smtp.client.SmtpClientResponse;
import com.hubspot.smtp.client.SmtpSession;
import com.hubspot.smtp.client.SmtpSessionConfig;
import com.hubspot.smtp.client.SmtpSessionFactory;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.smtp.SmtpRequests;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.parley.core.spi.AwakeClock;

/**
 * Opens a connection up to where a message may follow: greeting, EHLO, STARTTLS, AUTH. Whatever
 * fails here is a {@link CannotConnect}: nothing was sent.
 */
final class SmtpHandshake {
  private final SmtpSettings settings;
  private final SmtpSessionFactory factory;
  private final ClientTls tls;
  private final Executor blocking;
  private final AwakeClock awake = new AwakeClock(System::nanoTime);

  SmtpHandshake(
      SmtpSettings settings, SmtpSessionFactory factory, ClientTls tls, Executor blocking) {
    this.settings = settings;
    this.factory = factory;
    this.tls = tls;
    this.blocking = blocking;
  }

  /**
   * Opens one.
   *
   * @param adopt told of the connection as soon as it stands, to watch its deadline
   */
  CompletableFuture<SmtpConnection> open(AtomicBoolean slot, Consumer<SmtpConnection> adopt) {
    WireWatch watch = new WireWatch();
    return CompletableFuture.supplyAsync(this::resolve, blocking)
        .thenCompose(address -> factory.connect(sessionConfig(address, watch)))
        .thenCompose(greeting -> greeted(greeting, watch, slot, adopt))
        .exceptionally(
            failure -> {
              throw refused(failure, watch);
            });
  }

  /** Asks the resolver on a thread that may wait: Netty would ask it on the event loop. */
  private InetSocketAddress resolve() {
    try {
      return new InetSocketAddress(InetAddress.getByName(settings.host()), settings.port());
    } catch (UnknownHostException e) {
      throw new CannotConnect("connectFailed", "the carrier's host name is unknown");
    }
  }

  private SmtpSessionConfig sessionConfig(InetSocketAddress address, WireWatch watch) {
    ChannelHandler[] first =
        settings.tls() == SmtpSettings.TlsMode.IMPLICIT
            ? new ChannelHandler[] {new SslHandler(tls.newEngine()), watch}
            : new ChannelHandler[] {watch};
    return SmtpSessionConfig.builder()
        .remoteAddress(address)
        .initialResponseTimeout(settings.connectTimeout())
        .connectionId(settings.carrier())
        .addFirstCustomHandlers(first)
        .build();
  }

  private CompletableFuture<SmtpConnection> greeted(
      SmtpClientResponse greeting,
      WireWatch watch,
      AtomicBoolean slot,
      Consumer<SmtpConnection> adopt) {
    SmtpSession session = greeting.getSession();
    SmtpConnection connection = new SmtpConnection(session, watch, slot, awake);
    connection.mustAnswerWithin(settings.connectTimeout());
    adopt.accept(connection);
    require(greeting, 220, "greetingRefused");
    return hello(session)
        .thenCompose(ignored -> encrypt(session, watch))
        .thenCompose(ignored -> logIn(session))
        .thenApply(
            ignored -> {
              connection.noDeadline();
              watch.expectSilence();
              return connection;
            });
  }

  private CompletableFuture<SmtpClientResponse> hello(SmtpSession session) {
    return session
        .send(SmtpRequests.ehlo(settings.heloName()))
        .thenCompose(
            reply -> {
              if (!reply.containsError()) return CompletableFuture.completedFuture(reply);
              return session
                  .send(SmtpRequests.helo(settings.heloName()))
                  .thenApply(helo -> require(helo, 250, "greetingRefused"));
            });
  }

  private CompletableFuture<?> encrypt(SmtpSession session, WireWatch watch) {
    boolean required = settings.tls() == SmtpSettings.TlsMode.REQUIRED;
    boolean wanted = required || settings.tls() == SmtpSettings.TlsMode.STARTTLS;
    if (!wanted) return CompletableFuture.completedFuture(null);
    if (!session.getEhloResponse().isSupported(Extension.STARTTLS)) {
      if (required) throw new CannotConnect("tlsRequired", "the carrier does not offer STARTTLS");
      return CompletableFuture.completedFuture(null);
    }
    watch.expectOneLine();
    return session.startTls().thenApply(reply -> require(reply, 220, "tlsFailed"));
  }

  private CompletableFuture<?> logIn(SmtpSession session) {
    if (settings.login().isEmpty()) return CompletableFuture.completedFuture(null);
    SmtpSettings.Login login = settings.login().get();
    EhloResponse abilities = session.getEhloResponse();
    CompletableFuture<SmtpClientResponse> answer;
    if (abilities.isAuthPlainSupported()) {
      answer = session.authPlain(login.username(), login.password());
    } else if (abilities.isAuthLoginSupported()) {
      answer = session.authLogin(login.username(), login.password());
    } else {
      throw new CannotConnect("authFailed", "the carrier offers neither AUTH PLAIN nor LOGIN");
    }
    return answer.thenApply(reply -> require(reply, 235, "authFailed"));
  }

  private static SmtpClientResponse require(SmtpClientResponse answer, int code, String reason) {
    int got = answer.getResponses().get(0).code();
    if (got == code) return answer;
    throw new CannotConnect(reason, "the carrier answered " + got);
  }

  private CannotConnect refused(Throwable failure, WireWatch watch) {
    String closed = watch.closedBecause();
    watch.close("handshakeFailed");
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof CannotConnect) return (CannotConnect) cause;
    if (closed != null) return new CannotConnect("connectFailed", closed);
    if (cause instanceof TimeoutException) return new CannotConnect("connectFailed", "timeout");
    if (cause instanceof javax.net.ssl.SSLException) {
      return new CannotConnect("tlsFailed", cause.getClass().getSimpleName());
    }
    return new CannotConnect("connectFailed", cause.getClass().getSimpleName());
  }
}
