package org.parley.agents.phone;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.parley.agents.phone.sip.ServerTransaction;
import org.parley.agents.phone.sip.SipEndpoint;
import org.parley.agents.phone.sip.SipMessage;
import org.parley.agents.settings.Checked;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;
import org.parley.core.api.RenderedMessage;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Connector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Places calls by SIP (RFC 3261) over UDP or TCP, under a Call-ID made from the attempt's id. It
 * plays a prompt over RTP, hears keys, and hangs up. One event loop serves all calls of a carrier.
 */
public final class SipConnector implements Connector {
  static final String ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS";

  private static final Logger LOG = LoggerFactory.getLogger(SipConnector.class);
  private static final Pattern NUMBER = Pattern.compile("\\+[1-9][0-9]{4,14}");
  private static final Pattern USER = Pattern.compile("[A-Za-z0-9+._-]{1,64}");
  private static final long CLOSE_MILLIS = 2000;
  private static final long CLOSE_STEP_MILLIS = 20;

  private final SipSettings settings;
  private final Function<Attempt, RenderedMessage> renderer;
  private final Prompts prompts;
  private final EventLoopGroup loops;
  private final SipEndpoint endpoint;
  private final CallLine line;
  private final AtomicBoolean complained = new AtomicBoolean();
  private volatile boolean closing;

  /**
   * Opens a carrier's socket and reads its part of the configuration.
   *
   * @param parley the part {@code parley} of the configuration
   * @param renderer fills in a template; what it throws is {@code REJECTED template}
   * @param blocking where names are looked up and recordings are read
   * @throws java.io.UncheckedIOException when it cannot listen
   */
  public static SipConnector open(
      String carrier,
      Checked config,
      Checked parley,
      Function<Attempt, RenderedMessage> renderer,
      InstantSource clock,
      Executor blocking) {
    SipSettings settings = SipSettings.read(carrier, config);
    PhoneSettings phone = PhoneSettings.read(parley.part("phone"));
    return new SipConnector(settings, phone, renderer, clock, blocking);
  }

  /** Reads a carrier's settings, to find a bad one. */
  public static void check(String carrier, Checked config, Checked parley) {
    SipSettings unused = SipSettings.read(carrier, config);
    PhoneSettings unusedPhone = PhoneSettings.read(parley.part("phone"));
  }

  private SipConnector(
      SipSettings settings,
      PhoneSettings phone,
      Function<Attempt, RenderedMessage> renderer,
      InstantSource clock,
      Executor blocking) {
    this.settings = settings;
    this.renderer = renderer;
    this.prompts = new Prompts(phone, blocking);
    this.loops =
        new MultiThreadIoEventLoopGroup(
            1,
            new DefaultThreadFactory("parley-sip-" + settings.carrier(), true),
            NioIoHandler.newFactory());
    var loop = loops.next();
    try {
      this.endpoint = SipEndpoint.open(loop, settings.endpoint(), new Requests());
    } catch (RuntimeException e) {
      prompts.close();
      var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw e;
    }
    this.line = new CallLine(settings, endpoint, loop, clock, blocking);
  }

  /** Whether it may stand before the at sign of a URI of ours. */
  static boolean isUser(String user) {
    return USER.matcher(user).matches();
  }

  @Override
  public String carrier() {
    return settings.carrier();
  }

  @Override
  public Channel channel() {
    return Channel.PHONE;
  }

  /** The port it listens on for SIP. */
  int port() {
    return endpoint.local().getPort();
  }

  /** How many things came that were no SIP. */
  long refusedCount() {
    return endpoint.refusedCount();
  }

  @Override
  public CompletionStage<Outcome> send(Attempt attempt) {
    if (closing) return done(Outcome.notSent("shuttingDown"));
    if (!NUMBER.matcher(attempt.address()).matches()) {
      return done(
          Outcome.rejected(carrier(), "badAddress", "not a telephone number with + in front"));
    }
    RenderedMessage message;
    try {
      message = renderer.apply(attempt);
    } catch (RuntimeException | StackOverflowError e) {
      return done(Outcome.rejected(carrier(), "template", e.getClass().getSimpleName()));
    }
    var host = line.resolve(settings.host(), settings.port());
    return prompts
        .of(message)
        .thenCompose(
            prompt ->
                host.thenApply(address -> new Call(line, attempt, prompt, address))
                    .thenCompose(this::place))
        .exceptionally(this::notPlaced);
  }

  private static CompletionStage<Outcome> done(Outcome outcome) {
    return CompletableFuture.completedFuture(outcome);
  }

  private CompletionStage<Outcome> place(Call call) {
    line.loop()
        .execute(
            () -> {
              if (closing) {
                call.stop();
              } else {
                call.start();
              }
            });
    return call.outcome();
  }

  private Outcome notPlaced(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof PromptTrouble trouble) {
      if (complained.compareAndSet(false, true)) {
        LOG.warn("Carrier {} has nothing to play: {}", carrier(), trouble.sentence());
      }
      return trouble.isTemporary()
          ? Outcome.notSent(carrier(), "speechFailed", trouble.sentence())
          : Outcome.rejected(carrier(), "promptUnusable", trouble.sentence());
    }
    return Outcome.notSent(carrier(), "connectFailed", "the carrier's host cannot be looked up");
  }

  /** Ends every call: one that was answered with BYE, others are taken back. */
  @Override
  public void close() {
    closing = true;
    if (!line.loop().isShutdown()) {
      CompletableFuture<Void> quiet = new CompletableFuture<>();
      line.loop()
          .execute(
              () -> {
                for (Call call : new ArrayList<>(line.calls().values())) call.stop();
                whenQuiet(quiet, CLOSE_MILLIS / CLOSE_STEP_MILLIS);
              });
      quiet.completeOnTimeout(null, 2 * CLOSE_MILLIS, TimeUnit.MILLISECONDS).join();
    }
    endpoint.close();
    prompts.close();
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** Waits a little until the last BYE has its answer. */
  private void whenQuiet(CompletableFuture<Void> quiet, long steps) {
    if (steps <= 0 || endpoint.pending() == 0) {
      quiet.complete(null);
      return;
    }
    var unused =
        line.loop()
            .schedule(() -> whenQuiet(quiet, steps - 1), CLOSE_STEP_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** What the other side asks of us: within a call nearly anything, else nothing. */
  private final class Requests implements SipEndpoint.Handler {
    @Override
    public void request(SipMessage request, ServerTransaction transaction) {
      Call known = line.call(request.callId());
      @Nullable Call call = known != null && known.isWith(request) ? known : null;
      switch (request.method().toUpperCase(Locale.ROOT)) {
        case "OPTIONS" -> answer(transaction, 200, "OK");
        case "BYE" -> {
          answer(transaction, call == null ? 481 : 200, call == null ? "No Such Call" : "OK");
          if (call != null) call.hungUp();
        }
        case "INVITE" -> renew(call, transaction);
        default -> answer(transaction, 405, "Method Not Allowed");
      }
    }

    private void renew(@Nullable Call call, ServerTransaction transaction) {
      if (call == null) {
        boolean within = !transaction.request().toTag().isEmpty();
        answer(transaction, within ? 481 : 403, within ? "No Such Call" : "Forbidden");
        return;
      }
      Optional<byte[]> sound = call.renewed(transaction.request());
      if (sound.isEmpty()) {
        answer(transaction, 488, "Not Acceptable Here");
        return;
      }
      transaction.respond(
          SipMessage.response(transaction.request(), 200, "OK", "")
              .add("Contact", endpoint.contact(settings.caller()))
              .add("Allow", ALLOW)
              .body("application/sdp", sound.get())
              .build());
      call.renewing(transaction);
    }

    private void answer(ServerTransaction transaction, int status, String phrase) {
      transaction.respond(
          SipMessage.response(transaction.request(), status, phrase, endpoint.token())
              .add("Allow", ALLOW)
              .build());
    }

    @Override
    public void acknowledged(SipMessage ack) {
      Call call = line.call(ack.callId());
      if (call != null) call.renewalAcknowledged();
    }

    @Override
    public void cancelled(SipMessage invite, ServerTransaction transaction) {
      answer(transaction, 487, "Request Terminated");
    }
  }
}
