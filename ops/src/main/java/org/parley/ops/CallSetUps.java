package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * How long calls took from the grant until the telephone exchange had the INVITE. The node reports
 * a call when it is over, so this moment is taken from the exchange's ledger, by the attempt's id;
 * both run on this machine and have one clock.
 */
final class CallSetUps {
  private static final long MAX_MICROS = TimeUnit.MINUTES.toMicros(10);

  private CallSetUps() {}

  /**
   * The calls that both sides tell of.
   *
   * @param micros from the grant to the INVITE, of each
   * @param rate INVITEs a second
   */
  record SetUps(Histogram micros, SteadyRate rate) {}

  static SetUps of(NodeClient node, String campaign, Path ledger) throws IOException {
    Map<String, Instant> invited = invited(ledger);
    List<Instant> moments = new ArrayList<>();
    Histogram micros = new Histogram(MAX_MICROS, 3);
    String path = "/v1/campaigns/" + campaign + "/recipients?state=delivered&limit=1000";
    String cursor = "";
    do {
      JsonNode page = node.get(path + cursor);
      for (JsonNode call : page.path("items")) {
        Instant at = invited.get(call.path("attempt").asText());
        String granted = call.path("grantedAt").asText("");
        if (at == null || granted.isEmpty()) continue;
        long between = Duration.between(Instant.parse(granted), at).toNanos() / 1_000;
        moments.add(at);
        micros.recordValue(Math.max(0, Math.min(MAX_MICROS, between)));
      }
      String next = page.path("next").asText("");
      cursor = next.isEmpty() ? "" : "&cursor=" + URLEncoder.encode(next, StandardCharsets.UTF_8);
    } while (!cursor.isEmpty());
    moments.sort(Comparator.naturalOrder());
    return new SetUps(micros, SteadyRate.of(moments));
  }

  private static Map<String, Instant> invited(Path ledger) throws IOException {
    Map<String, Instant> invited = new HashMap<>();
    if (!Files.exists(ledger)) return invited;
    try (Stream<String> lines = Files.lines(ledger)) {
      for (String line : (Iterable<String>) lines::iterator) {
        JsonNode call = Json.parse(line);
        if (!call.path("event").asText().equals("invited")) continue;
        invited.putIfAbsent(call.path("attempt").asText(), Instant.parse(call.path("at").asText()));
      }
    }
    return invited;
  }
}
