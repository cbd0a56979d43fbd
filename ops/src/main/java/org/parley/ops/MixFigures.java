package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/** What a mix of channels has shown, for people and for programs. */
final class MixFigures {
  /** A heap that grows by less than this is flat: the measure itself is no better. */
  private static final double FLAT = 1.25;

  private final ObjectNode json = Json.object();
  private final ObjectNode channels;
  private final Table table = new Table().row("", "sent", "asked/s", "came/s", "P50", "P95", "P99");
  private final List<String> costs = new ArrayList<>();
  private long messages;

  MixFigures(String scenario, int seconds, int warmUp) {
    json.put("scenario", scenario.toLowerCase(Locale.ROOT));
    json.put("seconds", seconds).put("warmUp", warmUp);
    channels = json.putObject("channels");
  }

  /**
   * A campaign's course.
   *
   * @param asked messages a second that were asked for; empty for as many as go
   * @param took from the start until the last was settled
   * @param latency the node's own percentiles in milliseconds
   */
  void channel(
      BenchChannel channel,
      Optional<Integer> asked,
      BenchRun.Sent sent,
      Duration took,
      JsonNode latency) {
    Progress progress = sent.seen().progress();
    long count = progress.delivered() + progress.failed() + progress.unknown();
    double perSecond = count / Math.max(1e-3, took.toNanos() / 1e9);
    double steady = sent.rate().perSecond().orElse(perSecond);
    messages += count;
    ObjectNode into = channels.putObject(channel.label());
    into.put("sent", count).put("perSecond", BenchCommand.rounded(perSecond));
    into.put("steadyPerSecond", BenchCommand.rounded(steady));
    asked.ifPresentOrElse(n -> into.put("askedPerSecond", n), () -> into.putNull("askedPerSecond"));
    into.putObject("states")
        .put("delivered", progress.delivered())
        .put("failed", progress.failed())
        .put("suppressed", progress.suppressed())
        .put("unknown", progress.unknown())
        .put("pending", progress.pending());
    ObjectNode percentiles = BenchRun.percentiles(latency);
    List<String> counts =
        List.of(
            Table.number(count),
            asked.map(n -> Table.number(n)).orElse("all"),
            Table.number(Math.round(steady)));
    if (channel == BenchChannel.PHONE) {
      into.set("grantToCallEndMillis", percentiles);
      row("phone, grant to end of call", counts, percentiles, Optional.empty());
    } else {
      into.set("grantToAcceptanceMillis", percentiles);
      judge(into, percentiles, channel.objective());
      row(channel.label(), counts, percentiles, Optional.of(channel.objective()));
    }
  }

  /** From the grant of a call until the exchange had it. */
  void setUps(CallSetUps.SetUps calls) {
    BenchChannel phone = BenchChannel.PHONE;
    ObjectNode into = channels.withObject("/" + phone.label());
    ObjectNode percentiles = percentiles(calls.micros());
    into.put("setUps", calls.micros().getTotalCount());
    BenchCommand.put(into, "setUpsPerSecond", calls.rate().perSecond());
    into.set("grantToSetUpMillis", percentiles);
    judge(into, percentiles, phone.objective());
    String rate = calls.rate().perSecond().map(r -> Table.number(Math.round(r))).orElse("");
    row(
        "phone, grant to set-up",
        List.of(Table.number(calls.micros().getTotalCount()), "", rate),
        percentiles,
        Optional.of(phone.objective()));
  }

  /** The single messages beside the campaigns, held to the objective of mails. */
  void transactional(TransactionalLoad.Result result) {
    messages += result.sent();
    BenchChannel.Objective objective = BenchChannel.EMAIL.objective();
    ObjectNode into = json.putObject("transactional");
    into.put("asked", result.asked()).put("sent", result.sent());
    ObjectNode sinceGrant = percentiles(result.sinceGrant());
    ObjectNode sinceRequest = percentiles(result.sinceRequest());
    into.set("grantToAcceptanceMillis", sinceGrant);
    into.set("requestToAcceptanceMillis", sinceRequest);
    judge(into, sinceGrant, objective);
    String count = Table.number(result.sent()) + " of " + Table.number(result.asked());
    row("transactional", List.of(count, "", ""), sinceGrant, Optional.of(objective));
    row("transactional, from the request", List.of(count, "", ""), sinceRequest, Optional.empty());
  }

  /** CPU and heap; everything that was sent must have been told before. */
  void cost(BenchNode.Cpu before, BenchNode.Cpu after, Optional<Long> peakHeapMiB) {
    BenchCommand.put(
        json, "jvmMicrosPerMessage", BenchNode.Cpu.each(before.jvm(), after.jvm(), messages));
    BenchCommand.put(
        json,
        "postgresMicrosPerMessage",
        BenchNode.Cpu.each(before.postgres(), after.postgres(), messages));
    peakHeapMiB.ifPresentOrElse(
        heap -> json.put("peakHeapMiB", heap), () -> json.putNull("peakHeapMiB"));
    new Table()
        .row("JVM µs/message", BenchRun.text(json.path("jvmMicrosPerMessage")))
        .row("PostgreSQL µs/message", BenchRun.text(json.path("postgresMicrosPerMessage")))
        .row("peak heap MiB", BenchRun.text(json.path("peakHeapMiB")))
        .lines()
        .forEach(costs::add);
  }

  /**
   * How an overload was borne.
   *
   * @param waiting recipients that were not admitted, and wait in their audiences
   * @param half bytes of heap in use in the middle, after a full collection
   * @param end the same at the end
   */
  void overload(long waiting, long half, long end) {
    double ratio = Math.round(100.0 * end / half) / 100.0;
    boolean flat = ratio <= FLAT;
    json.putObject("overload")
        .put("waiting", waiting)
        .put("heapBytesInTheMiddle", half)
        .put("heapBytesAtTheEnd", end)
        .put("heapFlat", flat);
    new Table()
        .row("not admitted, still in the audience", Table.number(waiting))
        .row("live heap MiB, in the middle", Table.number(half >> 20))
        .row(
            "live heap MiB, at the end",
            Table.number(end >> 20) + (flat ? ", held " : ", missed ") + FLAT + " of it")
        .lines()
        .forEach(costs::add);
  }

  ObjectNode json() {
    return json;
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>(table.lines());
    lines.addAll(costs);
    return lines;
  }

  /** In milliseconds; nothing was measured: no percentiles. */
  private static ObjectNode percentiles(Histogram micros) {
    ObjectNode percentiles = Json.object();
    for (int p : new int[] {50, 95, 99}) {
      if (micros.getTotalCount() == 0) percentiles.putNull("p" + p);
      else percentiles.put("p" + p, BenchCommand.rounded(micros.getValueAtPercentile(p) / 1e3));
    }
    return percentiles;
  }

  private static void judge(
      ObjectNode into, JsonNode percentiles, BenchChannel.Objective objective) {
    ObjectNode held = into.putObject("objectiveHeld");
    for (String p : List.of("p50", "p95", "p99")) {
      JsonNode millis = percentiles.path(p);
      if (millis.isNumber()) held.put(p, millis.asDouble() <= limit(objective, p));
      else held.putNull(p);
    }
  }

  private static int limit(BenchChannel.Objective objective, String percentile) {
    return switch (percentile) {
      case "p50" -> objective.p50();
      case "p95" -> objective.p95();
      default -> objective.p99();
    };
  }

  private void row(
      String what,
      List<String> counts,
      JsonNode percentiles,
      Optional<BenchChannel.Objective> objective) {
    List<String> cells = new ArrayList<>(counts);
    for (String p : List.of("p50", "p95", "p99")) {
      cells.add(cell(percentiles.path(p), objective.map(o -> limit(o, p))));
    }
    table.row(what, cells.toArray(String[]::new));
  }

  private static String cell(JsonNode millis, Optional<Integer> limit) {
    if (!millis.isNumber()) return "not measured";
    String cell = Table.millis(millis.asDouble());
    if (limit.isEmpty()) return cell;
    String verdict = millis.asDouble() <= limit.get() ? "held" : "missed";
    return cell + ", " + verdict + " " + Table.number(limit.get());
  }
}
