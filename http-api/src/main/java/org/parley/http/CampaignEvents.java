package org.parley.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.headers.Connection;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.SharedKillSwitch;
import org.apache.pekko.stream.UniqueKillSwitch;
import org.apache.pekko.stream.javadsl.BroadcastHub;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.CampaignProgress;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.Parley;
import org.parley.http.Endpoint.Produces;

/**
 * The progress of a campaign as server-sent events. However many clients watch a campaign through
 * this node, it is asked for once a tick; a client that reads slowly gets the latest state and not
 * the ones it missed.
 */
final class CampaignEvents {
  private static final int HUB_BUFFER = 4;
  private static final ByteString RETRY = ByteString.fromString("retry: 3000\n\n");
  private static final ByteString HEARTBEAT = ByteString.fromString(": heartbeat\n\n");

  private final Parley parley;
  private final HttpSettings.Events settings;
  private final Materializer materializer;
  private final ConcurrentHashMap<String, Feed> feeds = new ConcurrentHashMap<>();
  private final AtomicInteger clients = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private final SharedKillSwitch stopping = KillSwitches.shared("parley-http-events");
  private final CompletableFuture<Done> quiet = new CompletableFuture<>();
  private volatile boolean isStopping;

  CampaignEvents(Parley parley, HttpSettings.Events settings, Materializer materializer) {
    this.parley = parley;
    this.settings = settings;
    this.materializer = materializer;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/v1/campaigns/{id}/events", this::events).producing(Produces.EVENTS));
  }

  /** Ends every stream, and is done when the last one has; clients come back to another node. */
  CompletionStage<Done> stop() {
    isStopping = true;
    stopping.shutdown();
    quietIfNoneIsOpen();
    return quiet;
  }

  /**
   * One connection's requests. A stream has left the node only when its connection has closed
   * behind it: a stop that came between the last event and the end of the chunks would cut it.
   */
  Flow<HttpRequest, HttpResponse, NotUsed> endingWithTheirConnection(
      Function<HttpRequest, CompletionStage<HttpResponse>> answer) {
    return Flow.fromMaterializer(
            (m, attributes) -> {
              AtomicBoolean streams = new AtomicBoolean();
              return Flow.of(HttpRequest.class)
                  .mapAsync(1, answer::apply)
                  .map(
                      response -> {
                        if (isStream(response) && streams.compareAndSet(false, true)) {
                          connections.incrementAndGet();
                        }
                        return response;
                      })
                  .watchTermination(
                      (used, done) -> {
                        CompletionStage<?> unused =
                            done.whenComplete((d, failure) -> closed(streams.get()));
                        return used;
                      });
            })
        .mapMaterializedValue(m -> NotUsed.getInstance());
  }

  /** How many campaigns are asked for; for tests. */
  int watched() {
    return feeds.size();
  }

  /** How many streams are open. */
  int clients() {
    return clients.get();
  }

  private CompletionStage<HttpResponse> events(Call call) {
    long seen = lastEventId(call);
    if (clients.get() >= settings.maxClients()) {
      throw Fault.busy("As many event streams as allowed are open; try again.");
    }
    return parley
        .progress(call.id())
        .thenApply(
            progress -> {
              // 204 is how a client is told not to come back (HTML, section 9.2.3).
              if (progress.status().isFinal() && progress.version() <= seen) {
                return HttpResponse.create().withStatus(204);
              }
              return stream(call.id(), progress, seen);
            });
  }

  private static long lastEventId(Call call) {
    Optional<String> header = call.request().getHeader("Last-Event-ID").map(HttpHeader::value);
    if (header.isEmpty()) return -1;
    try {
      return Long.parseLong(header.get().trim());
    } catch (NumberFormatException e) {
      throw Fault.badRequest("invalidLastEventId", "Last-Event-ID was not given out here.");
    }
  }

  private HttpResponse stream(String campaignId, CampaignProgress now, long seen) {
    Source<ByteString, NotUsed> frames =
        Source.single(now)
            .concat(Source.lazySource(() -> follow(campaignId)))
            .conflate((older, newer) -> newer)
            .takeWhile(progress -> !progress.status().isFinal(), true)
            .statefulMapConcat(() -> new Frames(seen)::next)
            .prepend(Source.single(RETRY))
            .keepAlive(settings.heartbeat(), () -> HEARTBEAT)
            .via(stopping.flow())
            .watchTermination(
                (used, done) -> {
                  clients.incrementAndGet();
                  CompletionStage<?> unused =
                      done.whenComplete((d, failure) -> clients.decrementAndGet());
                  return used;
                });
    return HttpResponse.create()
        .withStatus(200)
        .withEntity(
            HttpEntities.createChunked(MediaTypes.TEXT_EVENT_STREAM.toContentType(), frames))
        .addHeader(RawHeader.create("Cache-Control", "no-store"))
        .addHeader(Connection.create("close"))
        .addHeader(RawHeader.create("X-Accel-Buffering", "no"));
  }

  private static boolean isStream(HttpResponse response) {
    return response.entity().getContentType().mediaType().equals(MediaTypes.TEXT_EVENT_STREAM);
  }

  private void closed(boolean carriedStreams) {
    if (!carriedStreams) return;
    connections.decrementAndGet();
    if (isStopping) quietIfNoneIsOpen();
  }

  private void quietIfNoneIsOpen() {
    if (connections.get() == 0) quiet.complete(Done.getInstance());
  }

  // ---- one feed a campaign

  private Source<CampaignProgress, NotUsed> follow(String campaignId) {
    Feed feed = feeds.compute(campaignId, (id, f) -> (f == null ? open(id) : f).joined());
    return feed.states
        // Whoever joins after the last state was sent gets it from here.
        .concatLazy(
            Source.lazySource(feed::latest).mapMaterializedValue(m -> NotUsed.getInstance()))
        .watchTermination(
            (used, done) -> {
              CompletionStage<?> unused =
                  done.whenComplete((d, failure) -> leave(campaignId, feed));
              return used;
            });
  }

  private void leave(String campaignId, Feed feed) {
    feeds.computeIfPresent(
        campaignId,
        (id, current) -> {
          if (current != feed) return current;
          return feed.left() ? null : feed;
        });
  }

  private Feed open(String campaignId) {
    Feed feed = new Feed();
    Duration poll = settings.poll();
    Pair<UniqueKillSwitch, Source<CampaignProgress, NotUsed>> running =
        Source.tick(poll, poll, campaignId)
            .mapAsync(1, this::ask)
            .mapConcat(state -> state.stream().toList())
            .filter(feed::isNews)
            .takeWhile(progress -> !progress.status().isFinal(), true)
            .viaMat(KillSwitches.single(), Keep.right())
            .toMat(BroadcastHub.of(CampaignProgress.class, HUB_BUFFER), Keep.both())
            .run(materializer);
    feed.stop = running.first();
    feed.states = running.second();
    return feed;
  }

  /** A failed look is skipped: the stream goes on when the database is back. */
  private CompletionStage<Optional<CampaignProgress>> ask(String campaignId) {
    return parley
        .progress(campaignId)
        .handle((progress, failure) -> Optional.<CampaignProgress>ofNullable(progress));
  }

  /** The shared look at one campaign; counted under the lock of its entry in {@link #feeds}. */
  private static final class Feed {
    private Source<CampaignProgress, NotUsed> states = Source.empty();
    private @Nullable UniqueKillSwitch stop;
    private volatile @Nullable CampaignProgress last;
    private int watchers;

    Feed joined() {
      watchers++;
      return this;
    }

    /** Whether nobody is left; then it has stopped. */
    boolean left() {
      watchers--;
      if (watchers > 0) return false;
      if (stop != null) stop.shutdown();
      return true;
    }

    boolean isNews(CampaignProgress progress) {
      CampaignProgress before = last;
      if (before != null && before.version() >= progress.version()) return false;
      last = progress;
      return true;
    }

    Source<CampaignProgress, NotUsed> latest() {
      CampaignProgress state = last;
      return state == null ? Source.empty() : Source.single(state);
    }
  }

  /** Writes the events of one client, none that it has. */
  private static final class Frames {
    private long seen;
    private @Nullable CampaignStatus status;

    Frames(long seen) {
      this.seen = seen;
    }

    List<ByteString> next(CampaignProgress progress) {
      List<ByteString> frames = new ArrayList<>(2);
      if (progress.version() <= seen) {
        if (status == null) status = progress.status();
        return frames;
      }
      seen = progress.version();
      if (status != progress.status()) {
        status = progress.status();
        frames.add(frame("event: status\ndata: ", Json.write(new StatusChanged(status))));
      }
      frames.add(frame("event: progress\nid: " + seen + "\ndata: ", Json.write(progress)));
      return frames;
    }

    private static ByteString frame(String head, byte[] data) {
      return ByteString.fromString(head)
          .concat(ByteString.fromArrayUnsafe(data))
          .concat(ByteString.fromString("\n\n"));
    }
  }

  private record StatusChanged(CampaignStatus status) {}
}
