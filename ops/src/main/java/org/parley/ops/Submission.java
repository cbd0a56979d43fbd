package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Brings an audience and a campaign to a node and starts it. Each request carries a key made from
 * the seed: the same seed and content again finds what is there and starts nothing twice.
 */
final class Submission {
  private static final Duration IMPORT_LIMIT = Duration.ofHours(2);
  private static final int REJECTS_SHOWN = 5;

  private final NodeClient node;
  private final Shell shell;
  private final String seed;

  Submission(NodeClient node, Shell shell, String seed) {
    this.node = node;
    this.shell = shell;
    this.seed = seed;
  }

  /**
   * An audience on the node.
   *
   * @param nanos how long the upload took; 0 when it was there already
   */
  record Imported(String id, long accepted, long rejected, long nanos) {}

  /** Creates the audience and uploads its members, unless an earlier try has done so. */
  Imported importAudience(AudienceFile file, String name, boolean compress) {
    JsonNode audience =
        node.post("/v1/audiences", Json.object().put("name", name), seed + "-audience");
    String id = audience.path("id").asText();
    JsonNode known = node.get("/v1/audiences/" + id);
    if (!known.path("status").asText("empty").equals("empty")) {
      return new Imported(id, known.path("accepted").asLong(), known.path("rejected").asLong(), 0);
    }
    long start = System.nanoTime();
    JsonNode report = upload(file, id, compress);
    return new Imported(
        id,
        report.path("accepted").asLong(),
        report.path("rejected").asLong(),
        System.nanoTime() - start);
  }

  private JsonNode upload(AudienceFile file, String id, boolean compress) {
    boolean gzip = compress || file.isCompressed();
    try (Meter meter = Meter.start(shell, "importing", "KiB", kibibytes(file.bytes()))) {
      return node.upload(
          "/v1/audiences/" + id + "/members",
          file.contentType(),
          gzip,
          () ->
              gzip
                  ? file.compressed(bytes -> meter.at(kibibytes(bytes)))
                  : file.open(bytes -> meter.at(kibibytes(bytes))),
          IMPORT_LIMIT);
    }
  }

  /** Rounded up, so that a small file is not nothing. */
  private static long kibibytes(long bytes) {
    return (bytes + 1023) >> 10;
  }

  /** The first rows that were left out, as lines for a person. */
  List<String> rejects(Imported audience) {
    List<String> lines = new ArrayList<>();
    if (audience.rejected() == 0) return lines;
    JsonNode page = node.get("/v1/audiences/" + audience.id() + "/rejects?limit=" + REJECTS_SHOWN);
    boolean one = audience.rejected() == 1;
    lines.add(
        Table.number(audience.rejected()) + (one ? " row was left out:" : " rows were left out:"));
    int shown = 0;
    for (JsonNode reject : page.path("items")) {
      if (shown++ == REJECTS_SHOWN) break;
      lines.add("  line " + reject.path("line").asLong() + ": " + reject.path("reason").asText(""));
    }
    if (audience.rejected() > REJECTS_SHOWN) {
      lines.add("  and more: GET /v1/audiences/" + audience.id() + "/rejects");
    }
    return lines;
  }

  /** Creates the campaign over an audience; invalid ones are refused with each problem's place. */
  String create(JsonNode definition, String audienceId) {
    ObjectNode body = definition.deepCopy();
    body.put("audience", audienceId);
    JsonNode campaign = node.post("/v1/campaigns", body, seed + "-campaign");
    return campaign.path("id").asText();
  }

  void start(String campaignId) {
    node.post("/v1/campaigns/" + campaignId + "/start", seed + "-start");
  }

  void pause(String campaignId) {
    node.post("/v1/campaigns/" + campaignId + "/pause", seed + "-pause");
  }
}
