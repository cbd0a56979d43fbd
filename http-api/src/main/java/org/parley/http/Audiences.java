package org.parley.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.HttpCharsets;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaType;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Broadcast;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.StreamConverters;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.AudienceFormat;
import org.parley.core.api.Ids;
import org.parley.core.api.ImportReport;
import org.parley.core.api.Parley;
import org.parley.http.Endpoint.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Audiences: made empty, filled by a streamed upload, and read. */
final class Audiences {
  private static final Logger log = LoggerFactory.getLogger(Audiences.class);

  private record NewAudience(String name) {}

  private final Parley parley;
  private final HttpSettings.Imports settings;
  private final Materializer materializer;
  private final AtomicInteger running = new AtomicInteger();

  Audiences(Parley parley, HttpSettings.Imports settings, Materializer materializer) {
    this.parley = parley;
    this.settings = settings;
    this.materializer = materializer;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.post("/v1/audiences", this::create),
        Endpoint.get("/v1/audiences/{id}", this::show),
        Endpoint.put("/v1/audiences/{id}/members", this::importMembers).reading(Body.STREAM),
        Endpoint.get("/v1/audiences/{id}/rejects", this::rejects).knowing("cursor", "limit"));
  }

  private CompletionStage<HttpResponse> create(Call call) {
    NewAudience wanted = call.read(NewAudience.class);
    return parley
        .createAudience(Ids.audience(call.seed()), wanted.name())
        .thenApply(audience -> Answers.created("/v1/audiences/" + audience.id(), audience));
  }

  private CompletionStage<HttpResponse> show(Call call) {
    return parley.audience(call.id()).thenApply(Answers::ok);
  }

  private CompletionStage<HttpResponse> rejects(Call call) {
    return parley.rejects(call.id(), call.cursor(), call.limit()).thenApply(Answers::ok);
  }

  /**
   * Streams an upload into the engine. The engine reads at its own pace and the socket waits for
   * it; each upload holds one of a few slots until it is through.
   */
  private CompletionStage<HttpResponse> importMembers(Call call) {
    AudienceFormat format = format(call.request().entity().getContentType());
    boolean packed = packed(call.request().getHeader("Content-Encoding").map(HttpHeader::value));
    OptionalLong length = call.request().entity().getContentLengthOption();
    if (length.isPresent() && length.getAsLong() > settings.maxWireBytes()) {
      throw Fault.tooLarge("An upload has at most " + settings.maxWireBytes() + " bytes.");
    }
    if (running.incrementAndGet() > settings.maxConcurrent()) {
      running.decrementAndGet();
      throw Fault.busy(
          "As many imports as allowed are running (" + settings.maxConcurrent() + "); try again.");
    }
    AtomicLong drainableBytes = new AtomicLong(Long.MAX_VALUE);
    Pair<InputStream, CompletionStage<Done>> body =
        call.request()
            .entity()
            .withoutSizeLimit()
            .getDataBytes()
            .runWith(readAndDrained(drainableBytes), materializer);
    UploadStream upload = new UploadStream(body.first(), packed, settings);
    CompletionStage<ImportReport> importing;
    try {
      importing = parley.importMembers(call.id(), upload, format);
    } catch (RuntimeException e) {
      importing = CompletableFuture.failedFuture(e);
    }
    return importing
        .handle(
            (report, failure) -> {
              ended(upload);
              drainForAWhile(drainableBytes);
              return Requests.lingering(body.second())
                  .thenApply(drained -> answer(call, upload, report, failure));
            })
        .thenCompose(Function.identity());
  }

  /**
   * What the engine reads; and once it has left, some of what still comes is thrown away: a client
   * that still sends would not see an answer that overtakes its upload.
   */
  private Sink<ByteString, Pair<InputStream, CompletionStage<Done>>> readAndDrained(
      AtomicLong drainableBytes) {
    Sink<ByteString, CompletionStage<Done>> drain =
        Flow.<ByteString>create()
            .takeWhile(bytes -> drainableBytes.addAndGet(-bytes.size()) >= 0)
            .toMat(Sink.ignore(), Keep.right());
    return Sink.combineMat(
        StreamConverters.asInputStream(settings.readTimeout()),
        drain,
        sinks -> Broadcast.create(sinks, false),
        Pair::create);
  }

  private void drainForAWhile(AtomicLong drainableBytes) {
    drainableBytes.set(Requests.MAX_DRAINED_BYTES);
    CompletableFuture.delayedExecutor(Requests.DRAIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .execute(() -> drainableBytes.set(0));
  }

  private void ended(UploadStream upload) {
    running.decrementAndGet();
    try {
      upload.close();
    } catch (IOException e) {
      log.debug("an upload did not close", e);
    }
  }

  private static HttpResponse answer(
      Call call, UploadStream upload, @Nullable ImportReport report, @Nullable Throwable failure) {
    Optional<Fault> fault = upload.fault();
    // What the engine says about a broken upload is only a consequence of it.
    if (fault.isPresent()) throw fault.get();
    if (report == null) {
      throw new CompletionException(
          failure == null ? new IllegalStateException("no report") : failure);
    }
    String rejects = call.request().getUri().getPathString().replaceFirst("members$", "rejects");
    return Answers.ok(report)
        .addHeader(
            RawHeader.create("Link", "<" + rejects + ">; rel=\"related\"; title=\"rejects\""));
  }

  private static AudienceFormat format(ContentType type) {
    MediaType media = type.mediaType();
    boolean utf8 =
        type.getCharsetOption().map(charset -> charset.equals(HttpCharsets.UTF_8)).orElse(true);
    if (utf8 && media.mainType().equals("text") && media.subType().equals("csv")) {
      return AudienceFormat.CSV;
    }
    if (utf8 && media.mainType().equals("application") && media.subType().equals("x-ndjson")) {
      return AudienceFormat.NDJSON;
    }
    throw Fault.unsupported("text/csv or application/x-ndjson, in UTF-8");
  }

  private static boolean packed(Optional<String> encoding) {
    if (encoding.isEmpty() || encoding.get().equalsIgnoreCase("identity")) return false;
    if (encoding.get().equalsIgnoreCase("gzip")) return true;
    throw Fault.unsupported("sent as it is or with Content-Encoding gzip");
  }
}
