package org.parley.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValueFactory;
import com.zaxxer.hikari.HikariDataSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseIT {
  private static final String ROWS = "SELECT count(*) FROM kept";
  private final Database shared = TestDatabase.shared();

  @Test
  void aFreshDatabaseHasTheSchema() {
    try (Database database = TestDatabase.fresh()) {
      assertThat(TestDatabase.count(database, "SELECT count(*) FROM event_journal")).isZero();
    }
  }

  @Test
  void aDatabaseThatSaysNothingIsGivenUpAfterMinutesAndNotHours() throws Exception {
    try (Connection request = shared.requests().getConnection();
        Connection work = shared.background().getConnection()) {
      assertThat(request.getNetworkTimeout()).isEqualTo(120_000);
      assertThat(work.getNetworkTimeout()).isEqualTo(900_000);
    }
    HikariDataSource journal = shared.journalPool("test", 1);
    assertThat(journal.getDataSourceProperties())
        .containsEntry("socketTimeout", "120")
        .containsEntry("tcpKeepAlive", "true");
  }

  @Test
  void theDataOfAnEmbeddedServerStayAndItsSafetySettingsHold() throws Exception {
    Path directory = TestDatabase.freshDirectory();
    long firstProcess;
    try (Database database = Database.open(TestDatabase.embedded(directory))) {
      firstProcess = database.serverProcess().orElseThrow();
      TestDatabase.execute(database, "CREATE TABLE kept AS SELECT 1 AS one");
      assertThatThrownBy(() -> Database.open(TestDatabase.embedded(directory)))
          .isInstanceOf(DatabaseUnavailable.class)
          .hasMessageContaining(directory.toString())
          .hasMessageContaining("is in use by another Parley node (process ")
          .hasMessageEndingWith(": choose another one with --data.");
    }
    // A server gives its files up a moment before its process is gone.
    await().atMost(Duration.ofSeconds(10)).until(() -> !running(firstProcess));
    try (Database database = Database.open(TestDatabase.embedded(directory))) {
      assertThat(TestDatabase.count(database, ROWS)).isEqualTo(1);
      for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
        assertThat(
                TestDatabase.count(
                    database,
                    "SELECT count(*) FROM pg_settings WHERE setting = 'on' AND name = '"
                        + setting
                        + "'"))
            .describedAs(setting)
            .isEqualTo(1);
      }
    }
  }

  @Test
  void nobodyElseOnTheMachineCanUseTheEmbeddedServer() throws Exception {
    assertThatThrownBy(() -> DriverManager.getConnection(shared.url(), "parley", "guessed"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("password authentication failed");
    Path password = TestDatabase.directory().resolve("password");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(password)))
        .isEqualTo("rw-------");
    assertThat(shared.journalConfig().root().render()).doesNotContain(shared.password());
  }

  @Test
  void theServerOfAKilledNodeIsStoppedBeforeItsDataAreUsedAgain() throws Exception {
    Path directory = TestDatabase.freshDirectory();
    Process node =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                TestNode.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long server;
    try (BufferedReader said = node.inputReader()) {
      server = Long.parseLong(String.valueOf(said.readLine()));
      node.destroyForcibly().waitFor();
    }
    assertThat(running(server)).isTrue();
    try (Database database = Database.open(TestDatabase.embedded(directory))) {
      assertThat(TestDatabase.count(database, ROWS)).isEqualTo(1);
      assertThat(running(server)).isFalse();
      assertThat(database.serverProcess().orElseThrow()).isNotEqualTo(server);
    }
  }

  @Test
  void anEmbeddedServerThatDiesIsStartedAgain() {
    Path directory = TestDatabase.freshDirectory();
    try (Database database = Database.open(TestDatabase.embedded(directory))) {
      TestDatabase.execute(database, "CREATE TABLE kept AS SELECT 1 AS one");
      long first = database.serverProcess().orElseThrow();
      ProcessHandle.of(first).orElseThrow().destroyForcibly();
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(() -> TestDatabase.count(database, ROWS) == 1);
      assertThat(database.serverProcess().orElseThrow()).isNotEqualTo(first);
    }
  }

  @Test
  void severalNodesMayOpenAFreshDatabaseAtOnce() {
    Config config = TestDatabase.freshConfig(shared);
    List<CompletableFuture<Database>> nodes =
        IntStream.range(0, 4)
            .mapToObj(i -> CompletableFuture.supplyAsync(() -> Database.open(config)))
            .toList();
    for (CompletableFuture<Database> node : nodes) {
      try (Database database = node.join()) {
        assertThat(TestDatabase.count(database, "SELECT count(*) FROM event_journal")).isZero();
      }
    }
  }

  @Test
  void aDirectoryThatCannotBeWrittenIsNamed(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "not a folder");
    assertUnavailable(
        Map.of("url", "embedded", "directory", file.resolve("data").toString()),
        "is not writable: choose another one with --data.");
  }

  @Test
  void aPortThatIsTakenIsNamedTogetherWithTheWayOut() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Config embedded =
          TestDatabase.embedded(TestDatabase.freshDirectory())
              .withValue(
                  "parley.database.port", ConfigValueFactory.fromAnyRef(taken.getLocalPort()));
      assertThatThrownBy(() -> Database.open(embedded))
          .isInstanceOf(DatabaseUnavailable.class)
          .hasMessageContaining("its port " + taken.getLocalPort() + " is taken")
          .hasMessageContaining("--database jdbc:postgresql://");
    }
  }

  @Test
  void aDatabaseThatCannotBeUsedIsNamedWithTheReasonAndWithoutSecrets() throws Exception {
    assertUnavailable(
        Map.of("url", "jdbc:postgresql://127.0.0.1:1/parley?password=hidden"),
        "jdbc:postgresql://127.0.0.1:1/parley cannot be used: nothing answers there");
    Map<String, String> account = Map.of("user", shared.user(), "password", "hidden");
    assertUnavailable(with(account, "url", shared.url()), "it refuses this user and password");
    assertUnavailable(
        Map.of(
            "url", shared.url().replaceAll("/parley$", "/nowhere"),
            "user", shared.user(),
            "password", shared.password()),
        "there is no such database");
  }

  @Test
  void aDatabaseWithTablesOfOthersIsLeftAlone() throws Exception {
    Config config = TestDatabase.freshConfig(shared);
    try (var connection =
            DriverManager.getConnection(
                config.getString("parley.database.url"), shared.user(), shared.password());
        var statement = connection.createStatement()) {
      statement.execute("CREATE TABLE theirs (id int)");
    }
    assertThatThrownBy(() -> Database.open(config))
        .isInstanceOf(DatabaseUnavailable.class)
        .hasMessageContaining("it holds tables that are not Parley's");
  }

  @Test
  void aSettingOutOfBoundsStopsTheStartWithKeyAndBounds() {
    assertBad("parley.database.port", "70000", "0 to 65535");
    assertBad("parley.database.requests.connections", "0", "1 to 500");
    assertBad("parley.database.max-lifetime", "1s", "PT30S to PT24H");
    assertBad("parley.database.embedded.fsync", "off", "other than");
    assertBad("parley.database.url", "jdbc:mysql://x", "embedded or jdbc:postgresql://");
  }

  private static void assertBad(String key, String value, String allowed) {
    Config config = TestDatabase.settings(Map.of(key, value));
    assertThatThrownBy(() -> Database.open(config))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(allowed);
  }

  private static void assertUnavailable(Map<String, String> settings, String sentence) {
    Map<String, String> paths = new HashMap<>();
    settings.forEach((key, value) -> paths.put("parley.database." + key, value));
    assertThatThrownBy(() -> Database.open(TestDatabase.settings(paths)))
        .isInstanceOf(DatabaseUnavailable.class)
        .hasMessageContaining(sentence)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hidden"));
  }

  private static Map<String, String> with(Map<String, String> map, String key, String value) {
    Map<String, String> all = new HashMap<>(map);
    all.put(key, value);
    return all;
  }

  private static boolean running(long process) throws IOException {
    Path stat = Path.of("/proc/" + process + "/stat");
    return Files.exists(stat) && !Files.readString(stat).contains(") Z ");
  }
}
