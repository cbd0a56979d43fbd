package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** The cluster for people, as one of its nodes tells it. */
final class ClusterTable {
  private ClusterTable() {}

  /**
   * The lines of an answer of {@code GET /v1/cluster}.
   *
   * @param name what to call a node, given its address as {@code HOST:PORT}
   */
  static List<String> lines(JsonNode cluster, UnaryOperator<String> name) {
    Table members =
        new Table()
            .row(
                "member",
                "status",
                "reachable",
                "shards",
                "conversations",
                "version",
                "started",
                "roles");
    for (JsonNode member : cluster.path("members")) {
      members.row(
          name.apply(address(member.path("address").asText())),
          member.path("status").asText(),
          reachable(member, name),
          number(member.path("shards")),
          number(member.path("conversations")),
          member.path("version").asText(),
          member.path("startedAt").asText("no answer").replaceAll("\\.\\d+Z$", "Z"),
          String.join(" ", texts(member.path("roles"))));
    }
    List<String> lines = new ArrayList<>(members.lines());
    String leader = cluster.path("leader").asText("");
    lines.add("leader: " + (leader.isEmpty() ? "none now" : name.apply(address(leader))));
    lines.add("split brain: " + splitBrain(cluster.path("splitBrain"), name));
    lines.add("seen by: " + name.apply(address(cluster.path("self").asText())));
    return lines;
  }

  /** An address without what is the same for all nodes: {@code pekko://parley@HOST:PORT}. */
  static String address(String full) {
    return full.substring(full.indexOf('@') + 1);
  }

  private static String reachable(JsonNode member, UnaryOperator<String> name) {
    List<String> by = texts(member.path("unreachableFrom"));
    boolean reachable = member.path("reachable").asBoolean();
    if (by.isEmpty()) return reachable ? "yes" : "no";
    return (reachable ? "not" : "no,")
        + " from "
        + String.join(" and ", by.stream().map(ClusterTable::address).map(name).toList());
  }

  private static String splitBrain(JsonNode splitBrain, UnaryOperator<String> name) {
    String strategy = splitBrain.path("strategy").asText();
    JsonNode lease = splitBrain.path("lease");
    if (!lease.isObject()) return strategy + ", no lease";
    return strategy
        + ", lease of "
        + name.apply(address(lease.path("owner").asText()))
        + " until "
        + lease.path("heldUntil").asText()
        + " (epoch "
        + lease.path("epoch").asText()
        + ")";
  }

  private static String number(JsonNode number) {
    return number.isNumber() ? Table.number(number.asLong()) : "-";
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }
}
