package org.parley.agents.email;

import com.hubspot.smtp.client.Extension;
import com.hubspot.smtp.messages.MessageContent;
import com.hubspot.smtp.messages.MessageContentEncoding;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.smtp.SmtpRequest;
import io.netty.handler.codec.smtp.SmtpRequests;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.Outcome;
import org.parley.core.api.RenderedMessage;
import org.parley.core.spi.Attempt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt on its way over SMTP. Before the final dot leaves, every failure is {@code NOT_SENT}
 * or a refusal; once it may have left, only a reply tells what became of the message, and without
 * one the outcome is {@code UNKNOWN}.
 *
 * <p>A kept-alive connection may have been closed by the server while it was idle. When it turns
 * out closed before any reply, and so before any octet of the content, one fresh connection is
 * tried.
 */
final class Transmission {
  private static final Logger LOG = LoggerFactory.getLogger(Transmission.class);
  private static final int DATA_GO_AHEAD = 354;
  private static final int CLOSING = 421;

  private final SmtpParts parts;
  private final Attempt attempt;
  private final CompletableFuture<Outcome> answer = new CompletableFuture<>();
  private final MailAddress to;
  private final Optional<String> returns;
  private boolean freshTried;

  private Transmission(SmtpParts parts, Attempt attempt, MailAddress to) {
    this.parts = parts;
    this.attempt = attempt;
    this.to = to;
    this.returns = parts.returns().of(attempt);
  }

  /** Starts one; the answer never fails. */
  static CompletableFuture<Outcome> start(SmtpParts parts, Attempt attempt) {
    MailAddress to;
    try {
      to = MailAddress.parse(attempt.address());
    } catch (Unsendable e) {
      return CompletableFuture.completedFuture(
          Outcome.rejected(parts.carrier(), e.reason(), e.detail()));
    }
    Transmission transmission = new Transmission(parts, attempt, to);
    SmtpConnection idle = parts.connections().takeIdle();
    if (idle == null) transmission.useFresh();
    else transmission.use(idle, true);
    return transmission.answer;
  }

  private void useFresh() {
    freshTried = true;
    var unused =
        parts
            .connections()
            .connect()
            .whenComplete(
                (connection, failure) -> {
                  if (connection != null) use(connection, false);
                  else answer.complete(notConnected(failure));
                });
  }

  private Outcome notConnected(@Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof CannotConnect refusal) {
      return Outcome.notSent(parts.carrier(), refusal.reason(), refusal.detail());
    }
    LOG.error("Carrier {} could not be asked; this is a defect", parts.carrier(), cause);
    return Outcome.notSent(parts.carrier(), "connectFailed", String.valueOf(cause));
  }

  /** Everything that follows runs on the connection's event loop. */
  private void use(SmtpConnection connection, boolean reused) {
    if (connection.loop().inEventLoop()) {
      transmit(connection, reused);
      return;
    }
    try {
      connection.loop().execute(() -> transmit(connection, reused));
    } catch (RejectedExecutionException e) {
      answer.complete(Outcome.notSent("shuttingDown"));
    }
  }

  private void transmit(SmtpConnection connection, boolean reused) {
    try {
      MailWriter.Mail mail = write(connection);
      if (mail.octets().length > connection.maxOctets()) {
        throw new Unsendable("messageTooLarge", "it is larger than the carrier takes");
      }
      if (parts.signer().isEmpty()) {
        sendEnvelope(connection, mail, reused);
      } else {
        sign(connection, mail, reused);
      }
    } catch (Unsendable e) {
      parts.connections().give(connection);
      answer.complete(Outcome.rejected(parts.carrier(), e.reason(), e.detail()));
    } catch (RuntimeException e) {
      LOG.error("A message for carrier {} could not be made; this is a defect", parts.carrier(), e);
      drop(connection, "defect");
      answer.complete(
          Outcome.notSent(parts.carrier(), "connectorFailed", e.getClass().getSimpleName()));
    }
  }

  private MailWriter.Mail write(SmtpConnection connection) throws Unsendable {
    boolean eightBit = connection.can(Extension.EIGHT_BIT_MIME);
    if (!to.ascii() && !(eightBit && connection.can(Extension.SMTPUTF8))) {
      throw new Unsendable("addressNotSupported", "the carrier does not take SMTPUTF8");
    }
    return parts.writer().write(attempt, render(), to, eightBit, returns);
  }

  private RenderedMessage render() throws Unsendable {
    try {
      return parts.renderer().apply(attempt);
    } catch (RuntimeException | StackOverflowError e) {
      throw new Unsendable("template", e.getClass().getSimpleName());
    }
  }

  private void sign(SmtpConnection connection, MailWriter.Mail mail, boolean reused) {
    var unused =
        parts
            .signer()
            .orElseThrow()
            .sign(mail.octets())
            .whenCompleteAsync(
                (signed, failure) -> {
                  if (signed != null) {
                    sendEnvelope(connection, new MailWriter.Mail(signed, mail.eightBit()), reused);
                    return;
                  }
                  LOG.error(
                      "A message for carrier {} could not be signed", parts.carrier(), failure);
                  parts.connections().give(connection);
                  answer.complete(Outcome.notSent(parts.carrier(), "signingFailed", "see the log"));
                },
                connection.loop());
  }

  private void sendEnvelope(SmtpConnection connection, MailWriter.Mail mail, boolean reused) {
    if (isExpired()) {
      parts.connections().give(connection);
      answer.complete(Outcome.notSent("expired"));
      return;
    }
    if (!connection.isOpen()) {
      // It closed while the message was signed: what is begun on it is never answered.
      drop(connection, "stale");
      if (freshTried) answer.complete(lost("connectionLost"));
      else useFresh();
      return;
    }
    List<SmtpRequest> commands = new ArrayList<>(4);
    int before = 0;
    if (connection.needsReset()) {
      commands.add(SmtpRequests.rset());
      before = 1;
    }
    commands.add(mailCommand(connection, mail));
    commands.add(SmtpRequests.rcpt(to.toString()));
    commands.add(SmtpRequests.data());
    connection.countMessage();
    connection.watch().expectReplies();
    connection.mustAnswerWithin(parts.settings().commandTimeout());
    int offset = before;
    CompletableFuture<?> answered =
        connection.can(Extension.PIPELINING)
            ? connection.session().sendPipelined(commands.toArray(new SmtpRequest[0]))
            : sendInTurn(connection, commands, 0);
    then(
        answered,
        connection,
        false,
        failure -> envelope(connection, mail, reused, offset, failure));
  }

  /**
   * Goes on when a step is done or failed. A defect on the way must not leave the attempt without
   * an answer.
   *
   * @param mayHaveLeft whether the content was on its way, so that a defect leaves it in doubt
   */
  private void then(
      CompletableFuture<?> step,
      SmtpConnection connection,
      boolean mayHaveLeft,
      Consumer<@Nullable Throwable> next) {
    var unused =
        step.handle(
                (result, failure) -> {
                  next.accept(failure);
                  return true;
                })
            .exceptionally(
                defect -> {
                  LOG.error("Carrier {}: this is a defect", parts.carrier(), defect);
                  drop(connection, "defect");
                  String what = defect.getClass().getSimpleName();
                  answer.complete(
                      mayHaveLeft
                          ? Outcome.unknown(parts.carrier(), "connectorFailed", what)
                          : Outcome.notSent(parts.carrier(), "connectorFailed", what));
                  return false;
                });
  }

  private SmtpRequest mailCommand(SmtpConnection connection, MailWriter.Mail mail) {
    List<CharSequence> parameters = new ArrayList<>(3);
    if (connection.can(Extension.SIZE)) parameters.add("SIZE=" + mail.octets().length);
    if (mail.eightBit()) parameters.add("BODY=8BITMIME");
    if (!to.ascii()) parameters.add("SMTPUTF8");
    String sender = returns.map(end -> "bounce" + end).orElse(parts.envelopeSender());
    return SmtpRequests.mail(sender, parameters.toArray(new CharSequence[0]));
  }

  /** For a server without PIPELINING: the next command goes only after a good reply. */
  private CompletableFuture<Object> sendInTurn(
      SmtpConnection connection, List<SmtpRequest> commands, int next) {
    if (next == commands.size()) return CompletableFuture.completedFuture(connection);
    return connection
        .session()
        .send(commands.get(next))
        .thenCompose(
            reply -> {
              if (reply.containsError()) return CompletableFuture.completedFuture(connection);
              connection.mustAnswerWithin(parts.settings().commandTimeout());
              return sendInTurn(connection, commands, next + 1);
            });
  }

  private void envelope(
      SmtpConnection connection,
      MailWriter.Mail mail,
      boolean reused,
      int offset,
      @Nullable Throwable failure) {
    List<Reply> replies = connection.watch().replies();
    if (reused && !freshTried && isStale(connection, replies, offset, failure)) {
      drop(connection, "stale");
      useFresh();
      return;
    }
    for (Phase phase : List.of(Phase.MAIL, Phase.RCPT, Phase.DATA)) {
      int index = offset + phase.position();
      if (index >= replies.size()) {
        lostBeforeContent(connection, failure);
        return;
      }
      Reply reply = replies.get(index);
      boolean good = phase == Phase.DATA ? reply.code() == DATA_GO_AHEAD : reply.isPositive();
      if (!good) {
        refuse(connection, phase, reply, replies, offset, failure);
        return;
      }
    }
    if (failure != null) {
      lostBeforeContent(connection, failure);
    } else if (isExpired()) {
      // The server waits for content; only the end of the connection takes the message back.
      drop(connection, "expired");
      answer.complete(Outcome.notSent("expired"));
    } else {
      sendContent(connection, mail);
    }
  }

  /** Looked at when octets of ours are about to leave: the process may have been frozen before. */
  private boolean isExpired() {
    return attempt.isExpired(System.nanoTime(), parts.clock().millis());
  }

  /** Closed by the server while idle: nothing but a goodbye, or an RSET it did not like. */
  private static boolean isStale(
      SmtpConnection connection, List<Reply> replies, int offset, @Nullable Throwable failure) {
    if (replies.isEmpty()) {
      return failure != null && lossReason(connection, failure).equals("connectionLost");
    }
    return replies.get(0).code() == CLOSING || (offset == 1 && !replies.get(0).isPositive());
  }

  private void refuse(
      SmtpConnection connection,
      Phase phase,
      Reply reply,
      List<Reply> replies,
      int offset,
      @Nullable Throwable failure) {
    int dataIndex = offset + Phase.DATA.position();
    boolean dataOpen = replies.size() > dataIndex && replies.get(dataIndex).code() == DATA_GO_AHEAD;
    boolean outOfStep = !reply.isTransient() && !reply.isPermanent();
    // A server that goes ahead without a recipient waits for content, which must not be sent.
    if (failure != null || dataOpen || outOfStep || reply.code() == CLOSING) {
      drop(connection, "refused");
    } else {
      connection.needsReset(true);
      parts.connections().give(connection);
    }
    answer.complete(Verdicts.refused(parts.carrier(), phase, reply, to));
  }

  private void lostBeforeContent(SmtpConnection connection, @Nullable Throwable failure) {
    String reason = lossReason(connection, failure);
    drop(connection, reason);
    answer.complete(lost(reason));
  }

  private Outcome lost(String reason) {
    return Outcome.notSent(parts.carrier(), reason, "before the content");
  }

  private void sendContent(SmtpConnection connection, MailWriter.Mail mail) {
    connection.needsReset(false);
    connection.watch().expectContent();
    connection.mustAnswerWithin(parts.settings().dataTimeout());
    MessageContent message =
        MessageContent.of(
            Unpooled.wrappedBuffer(mail.octets()),
            mail.eightBit() ? MessageContentEncoding.UNKNOWN : MessageContentEncoding.SEVEN_BIT);
    then(
        connection.session().send(message),
        connection,
        true,
        failure -> content(connection, failure));
  }

  private void content(SmtpConnection connection, @Nullable Throwable failure) {
    List<Reply> replies = connection.watch().replies();
    if (replies.isEmpty()) {
      lostAfterContent(connection, failure);
      return;
    }
    Reply reply = replies.get(0);
    Outcome outcome;
    if (reply.isPositive()) {
      outcome = Outcome.accepted(parts.carrier(), reply.queueId());
    } else {
      outcome = Verdicts.refused(parts.carrier(), Phase.DOT, reply, to);
    }
    boolean inStep = reply.isPositive() || reply.isTransient() || reply.isPermanent();
    if (inStep && reply.code() != CLOSING) parts.connections().give(connection);
    else drop(connection, "refused");
    answer.complete(outcome);
  }

  /** Waits until the connection is closed, when it is certain whether the dot can still leave. */
  private void lostAfterContent(SmtpConnection connection, @Nullable Throwable failure) {
    String reason = lossReason(connection, failure);
    drop(connection, reason);
    var unused =
        connection
            .session()
            .getCloseFuture()
            .whenComplete(
                (done, ignored) ->
                    answer.complete(
                        connection.watch().dotMayHaveLeft()
                            ? Outcome.unknown(parts.carrier(), reason, "after the content")
                            : Outcome.notSent(parts.carrier(), reason, "before the final dot")));
  }

  private void drop(SmtpConnection connection, String because) {
    parts.connections().retire(connection);
    connection.watch().close(because);
  }

  private static String lossReason(SmtpConnection connection, @Nullable Throwable failure) {
    String closed = connection.watch().closedBecause();
    if (closed != null && closed.equals("timeout")) return "timeout";
    // It said something while nobody asked, mostly goodbye: for this message that is a loss.
    if (closed != null && closed.equals("unexpectedReply")) return "connectionLost";
    if (closed != null) return "protocolError";
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof DecoderException) return "protocolError";
    }
    return "connectionLost";
  }

  /** What every transmission of a carrier shares. */
  record SmtpParts(
      String carrier,
      SmtpSettings settings,
      String envelopeSender,
      SmtpConnections connections,
      MailWriter writer,
      Function<Attempt, RenderedMessage> renderer,
      Returns returns,
      Optional<DkimSigner> signer,
      InstantSource clock) {}
}
