package org.parley.http;

import com.typesafe.config.Config;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.model.headers.ProductVersion;
import org.apache.pekko.http.javadsl.model.headers.Server;
import org.apache.pekko.http.javadsl.settings.ServerSettings;
import org.apache.pekko.stream.Materializer;
import org.jspecify.annotations.Nullable;
import org.parley.context.api.CustomerContexts;
import org.parley.core.api.Parley;
import org.parley.core.spi.Stores;
import org.parley.http.api.HttpUnavailable;
import org.parley.http.api.Surroundings;
import scala.concurrent.duration.FiniteDuration;

/** The door of the module: Parley over HTTP, from {@link #start} to {@link #stop}. */
public final class HttpApi {
  private static final int MAX_CAUSES = 20;

  private final ServerBinding binding;
  private final CampaignEvents events;
  private final HttpSettings settings;
  private final List<Endpoint> endpoints;
  private @Nullable CompletionStage<Done> stopped;

  private HttpApi(
      ServerBinding binding,
      CampaignEvents events,
      HttpSettings settings,
      List<Endpoint> endpoints) {
    this.binding = binding;
    this.events = events;
    this.settings = settings;
    this.endpoints = endpoints;
  }

  /**
   * Listens as {@code parley.http} says, until {@link #stop} or the system's coordinated shutdown:
   * then it takes no new connections, ends event streams and finishes the requests that are under
   * way.
   *
   * @return fails with {@link HttpUnavailable} when it cannot listen there
   * @throws IllegalArgumentException when a setting is out of bounds
   */
  public static CompletionStage<HttpApi> start(
      ActorSystem<?> system,
      Parley parley,
      CustomerContexts contexts,
      Stores stores,
      Surroundings surroundings) {
    HttpSettings settings = HttpSettings.from(system.settings().config());
    Materializer materializer = Materializer.createMaterializer(system);
    CampaignEvents events = new CampaignEvents(parley, settings.events(), materializer);
    List<Endpoint> endpoints =
        Endpoints.of(
            new Audiences(parley, settings.imports(), materializer),
            new Campaigns(parley, contexts),
            events,
            new Customers(parley, contexts, InstantSource.system()),
            new Messages(parley),
            new Unsubscribe(parley),
            new Carriers(surroundings.operators()),
            new Members(surroundings.cluster()),
            new Operations(surroundings),
            new Documentation(settings.publicUrl()));
    Requests requests =
        new Requests(
            endpoints,
            new ApiKeys(stores.apiKeys(), settings.keys()),
            new Idempotency(stores.idempotency()),
            new Problems(settings.retryAfter()),
            settings,
            materializer);
    return Http.get(system)
        .newServerAt(settings.host(), settings.port())
        .withSettings(serverSettings(system, settings))
        .bindFlow(events.endingWithTheirConnection(requests::answer))
        .handle(
            (binding, failure) -> {
              if (failure != null) throw unavailable(settings, failure);
              HttpApi api = new HttpApi(binding, events, settings, endpoints);
              api.stopWith(system);
              return api;
            });
  }

  /**
   * Checks {@code parley.http} without listening.
   *
   * @throws IllegalArgumentException when a setting is out of bounds
   */
  public static void check(Config config) {
    HttpSettings unused = HttpSettings.from(config);
  }

  /** Where it listens; the real port when 0 was configured. */
  public InetSocketAddress address() {
    return binding.localAddress();
  }

  /** The address to tell people: {@code parley.http.public-url}, or where it listens. */
  public String publicUrl() {
    return settings
        .publicUrl()
        .orElseGet(
            () -> {
              String host = settings.host();
              String shown = host.contains(":") ? "[" + host + "]" : host;
              return "http://" + shown + ":" + address().getPort();
            });
  }

  /** Takes no new connections, ends event streams, and lets requests under way finish. */
  public synchronized CompletionStage<Done> stop() {
    CompletionStage<Done> already = stopped;
    if (already != null) return already;
    CompletionStage<Done> stopping =
        binding
            .unbind()
            .thenCompose(unbound -> streamsEnded())
            .thenCompose(ended -> binding.terminate(settings.stopGrace().minus(streamGrace())))
            .thenApply(terminated -> Done.getInstance());
    stopped = stopping;
    return stopping;
  }

  /** A stream that is cut gives its client an error; one that ends does not. */
  private CompletionStage<Done> streamsEnded() {
    return events
        .stop()
        .toCompletableFuture()
        .copy()
        .completeOnTimeout(Done.getInstance(), streamGrace().toMillis(), TimeUnit.MILLISECONDS);
  }

  private Duration streamGrace() {
    return settings.stopGrace().dividedBy(4);
  }

  List<Endpoint> endpoints() {
    return endpoints;
  }

  CampaignEvents events() {
    return events;
  }

  private void stopWith(ActorSystem<?> system) {
    CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
    shutdown.addTask(
        CoordinatedShutdown.PhaseServiceUnbind(), "parley-http-unbind", binding::unbind);
    shutdown.addTask(
        CoordinatedShutdown.PhaseServiceRequestsDone(), "parley-http-requests-done", this::stop);
  }

  private static ServerSettings serverSettings(ActorSystem<?> system, HttpSettings settings) {
    ServerSettings defaults = ServerSettings.create(system.classicSystem());
    FiniteDuration idle = FiniteDuration.fromNanos(settings.idleTimeout().toNanos());
    return defaults
        .withServerHeader(Optional.of(Server.create(ProductVersion.create("Parley", ""))))
        .withMaxConnections(settings.maxConnections())
        .withTransparentHeadRequests(true)
        .withParsingErrorHandler(MalformedRequests.class.getName())
        // Deadlines are ours: an answer that is ready at once needs no timer.
        .withTimeouts(
            defaults
                .getTimeouts()
                .withIdleTimeout(idle)
                .withRequestTimeout(scala.concurrent.duration.Duration.Inf()))
        .withParserSettings(
            defaults
                .getParserSettings()
                .withMaxContentLength(settings.maxBodyBytes())
                // The warning would quote the header, and with it a key.
                .withIllegalHeaderWarnings(false));
  }

  private static CompletionException unavailable(HttpSettings settings, Throwable failure) {
    String where = settings.host() + ":" + settings.port();
    Throwable cause = failure;
    for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
      if (cause instanceof UnresolvedAddressException) {
        return new CompletionException(
            new HttpUnavailable(
                "Cannot listen on " + where + ": the host name is not known; see parley.http.host.",
                failure));
      }
      if (cause instanceof BindException) {
        String why =
            String.valueOf(cause.getMessage()).contains("in use")
                ? "the port is taken; stop what uses it or set parley.http.port to another one."
                : "the system does not allow it (" + cause.getMessage() + ").";
        return new CompletionException(
            new HttpUnavailable("Cannot listen on " + where + ": " + why, failure));
      }
      cause = cause.getCause();
    }
    return new CompletionException(new HttpUnavailable("Cannot listen on " + where + ".", failure));
  }
}
