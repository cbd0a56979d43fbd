package org.parley.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.parley.faults.KubernetesApi.Pod;

/** Nodes that find each other as pods do, with the settings that the README gives them. */
class KubernetesIT {
  private static final Pattern READY = Pattern.compile("parley is ready at ");

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path directory = Path.of("");

  @Test
  void podsBecomeACluster() throws Exception {
    int management = FreePorts.one();
    List<Pod> pods =
        List.of(
            running("parley-0", "127.0.0.1", false, management),
            running("parley-1", "127.0.0.2", false, management),
            new Pod("parley-2", "Pending", Optional.empty(), false, management),
            running("parley-of-before", "127.0.0.3", true, management));
    try (Postgres postgres = Postgres.start(directory.resolve("postgres"));
        KubernetesApi api = KubernetesApi.start(directory, true, pods);
        Child one = launch(api, postgres, "127.0.0.1", management, "");
        Child two = launch(api, postgres, "127.0.0.2", management, "")) {
      var unusedOne = one.awaitLine(READY, Pace.seconds(120));
      var unusedTwo = two.awaitLine(READY, Pace.seconds(120));
      assertThat(members("http://127.0.0.1:" + management))
          .isEqualTo(Map.of("127.0.0.1", "Up", "127.0.0.2", "Up"));
    }
  }

  @Test
  void aPodThatMayNotListPodsSaysWhatToLookAt() throws Exception {
    int management = FreePorts.one();
    List<Pod> pods = List.of(running("parley-0", "127.0.0.1", false, management));
    try (Postgres postgres = Postgres.start(directory.resolve("postgres"));
        KubernetesApi api = KubernetesApi.start(directory, false, pods);
        Child pod =
            launch(api, postgres, "127.0.0.1", management, "parley.cluster.start-timeout = 3s")) {
      assertThat(pod.awaitExit(Pace.seconds(60))).isEqualTo(1);
      assertThat(pod.errors().lines().filter(line -> line.startsWith("parley: ")))
          .singleElement()
          .asString()
          .contains("the label app=parley", "the port named management", "the right to list pods");
      assertThat(pod.errors()).doesNotContain("\tat ");
    }
  }

  private static Pod running(String name, String address, boolean ends, int management) {
    return new Pod(name, "Running", Optional.of(address), ends, management);
  }

  private Child launch(
      KubernetesApi api, Postgres postgres, String address, int management, String more)
      throws IOException {
    Path place = Files.createDirectories(directory.resolve(address));
    Path config =
        Files.writeString(
            place.resolve("node.conf"),
            """
            parley.cluster { bootstrap = kubernetes, management-port = %d }
            parley.database.programs = "%s"
            """
                    .formatted(management, Path.of("target", "faults-postgres").toAbsolutePath())
                + postgres.nodeSettings()
                + api.nodeSettings()
                + more);
    Map<String, String> environment = new HashMap<>(api.environment());
    environment.put("PARLEY_CLUSTER_HOST", address);
    return Node.launch(place, "node", config, environment, List.of());
  }

  /** The hosts of the members and their status, from Pekko Management. */
  private static Map<String, String> members(String management)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(management + "/cluster/members"))
            .timeout(Duration.ofSeconds(20))
            .build();
    String answer =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
    Map<String, String> members = new HashMap<>();
    for (JsonNode member : new ObjectMapper().readTree(answer).get("members")) {
      String host = member.get("node").asText().replaceFirst(".*@(.*):\\d+", "$1");
      members.put(host, member.get("status").asText());
    }
    return members;
  }
}
