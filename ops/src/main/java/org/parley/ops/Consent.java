package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The one place that knows how a change of consent is written down for a node. */
final class Consent {
  private Consent() {}

  static JsonNode optOut(NodeClient node, String customerId, List<String> channels) {
    ObjectNode body = Json.object();
    channels.forEach(channel -> body.put(channel, "optedOut"));
    return node.put("/v1/customers/" + Paths.segment(customerId) + "/consent", body);
  }
}
