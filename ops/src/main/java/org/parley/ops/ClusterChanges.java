package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** What has changed from one look at a cluster to the next, in words. */
final class ClusterChanges {
  private final UnaryOperator<String> name;
  private Map<String, String> members = Map.of();
  private String leader = "";

  /**
   * No cluster yet.
   *
   * @param name what to call a node, given its address as {@code HOST:PORT}
   */
  ClusterChanges(UnaryOperator<String> name) {
    this.name = name;
  }

  /** One sentence for each change since the last look, given a {@code GET /v1/cluster}. */
  List<String> next(JsonNode cluster) {
    List<String> changes = new ArrayList<>();
    Map<String, String> now = new LinkedHashMap<>();
    for (JsonNode member : cluster.path("members")) {
      String address = ClusterTable.address(member.path("address").asText());
      String state = state(member);
      now.put(address, state);
      if (!state.equals(members.get(address))) changes.add(name.apply(address) + "  " + state);
    }
    for (String address : members.keySet()) {
      if (!now.containsKey(address)) changes.add(name.apply(address) + "  member no more");
    }
    String leads = ClusterTable.address(cluster.path("leader").asText(""));
    if (!leads.equals(leader)) {
      changes.add("cluster  led by " + (leads.isEmpty() ? "nobody" : name.apply(leads)));
    }
    members = now;
    leader = leads;
    return changes;
  }

  /** There is no node to ask, so nothing is known any more. */
  void forget() {
    members = Map.of();
    leader = "";
  }

  private static String state(JsonNode member) {
    String status = member.path("status").asText();
    return "member " + status + (member.path("reachable").asBoolean() ? "" : ", out of reach");
  }
}
