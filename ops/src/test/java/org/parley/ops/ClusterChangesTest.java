package org.parley.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

class ClusterChangesTest {
  private final ClusterChanges changes =
      new ClusterChanges(address -> "node " + address.charAt(address.length() - 1));

  @Test
  void onlyWhatHasChangedIsTold() {
    assertThat(changes.next(cluster("1", member("1", "up", true), member("2", "joining", true))))
        .containsExactly("node 1  member up", "node 2  member joining", "cluster  led by node 1");
    assertThat(changes.next(cluster("1", member("1", "up", true), member("2", "up", true))))
        .containsExactly("node 2  member up");
    assertThat(changes.next(cluster("1", member("1", "up", true), member("2", "up", false))))
        .containsExactly("node 2  member up, out of reach");
    assertThat(changes.next(cluster("1", member("1", "up", true))))
        .containsExactly("node 2  member no more");
    assertThat(changes.next(cluster("1", member("1", "up", true)))).isEmpty();
  }

  @Test
  void aLeaderThatIsGoneIsTold() {
    assertThat(changes.next(cluster("2", member("1", "up", true))))
        .contains("cluster  led by node 2");
    assertThat(changes.next(cluster("", member("1", "up", true))))
        .containsExactly("cluster  led by nobody");
  }

  private static JsonNode cluster(String leader, String... members) {
    String leads = leader.isEmpty() ? "" : "\"leader\":\"pekko://parley@h:" + leader + "\",";
    try {
      return Json.parse("{" + leads + "\"members\":[" + String.join(",", members) + "]}");
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private static String member(String node, String status, boolean reachable) {
    return "{\"address\":\"pekko://parley@h:%s\",\"status\":\"%s\",\"reachable\":%s}"
        .formatted(node, status, reachable);
  }
}
