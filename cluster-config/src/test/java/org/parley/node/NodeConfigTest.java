package org.parley.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class NodeConfigTest {
  @TempDir private Path directory;

  @Test
  void optionsStandOverTheFileAndTheFileOverTheDefaults() throws IOException {
    Path file = write("parley { http { host = \"127.0.0.2\", port = 9999 }, data = \"/x\" }");
    Config config =
        NodeConfig.load(
            new NodeOptions(
                Optional.of(file),
                Optional.of(directory),
                Optional.empty(),
                Optional.of("jdbc:postgresql://db/parley"),
                false));
    assertThat(config.getInt("parley.http.port")).isEqualTo(9999);
    assertThat(config.getString("parley.data")).isEqualTo(directory.toString());
    assertThat(config.getString("parley.database.directory")).isEqualTo(directory + "/postgres");
    assertThat(config.getString("parley.database.url")).isEqualTo("jdbc:postgresql://db/parley");
    assertThat(config.getString("parley.public-url")).isEqualTo("http://127.0.0.2:9999");
  }

  @Test
  void aNodeIsBoundToLoopbackUnlessItIsToldOtherwise() {
    assertThat(load("").getString("parley.http.host")).isEqualTo("127.0.0.1");
    assertThat(load("").getString("pekko.remote.artery.canonical.hostname")).isEqualTo("127.0.0.1");
  }

  /** With a lease no two sides can decide differently, however often the network comes and goes. */
  @Test
  void whereALeaseDecidesAnUnstableNetworkEndsNobody() {
    String resolver = "pekko.cluster.split-brain-resolver";
    Config lease = load("").getConfig(resolver);
    assertThat(lease.getString("active-strategy")).isEqualTo("lease-majority");
    assertThat(lease.getString("down-all-when-unstable")).isEqualTo("off");
    Config majority = load("parley.cluster.split-brain = majority").getConfig(resolver);
    assertThat(majority.getString("active-strategy")).isEqualTo("keep-majority");
    assertThat(majority.getDuration("down-all-when-unstable")).hasSeconds(15);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "parley.carrier = []|parley.carrier|carriers",
        "parley.http.prt = 80|parley.http.prt|port",
        "parley.policy.quiet-hours = \"21-8\"|parley.policy.quiet-hours|21:00-08:00",
        "parley.policy.default-time-zone = \"Mars/Base\"|Mars/Base|IANA",
        "parley.public-url = \"ftp://x\"|parley.public-url|http",
        "parley.run.parallelism = 0|parley.run.parallelism|1 to 10000",
        "parley.cluster.seeds = [\"nonsense\"]|nonsense|HOST:PORT",
        "parley.cluster.seeds = [\"a:99999\"]|a:99999|HOST:PORT",
        "parley.cluster.seeds = [\"10.0.0.1:7355\"]|parley.cluster.host|address of this machine",
        "parley.cluster { seeds = [\"10.0.0.1:7355\"], host = 10.0.0.2 }|embedded|jdbc:postgresql",
        "parley.cluster.name = \"9\"|parley.cluster.name|letter",
        "parley.cluster.roles = [conversation, fax-agent]|fax-agent|sms-agent",
        "parley.cluster.roles = []|parley.cluster.roles|at least one",
        "parley.cluster.start-timeout = 1ms|start-timeout|1s to 10m",
        "parley.cluster.wire-version = 2|wire-version|release",
        "parley.cluster.management-port = 70000|management-port|0 to 65535",
        "parley.cluster.bootstrap = dns|dns|kubernetes",
        "parley.cluster { bootstrap = kubernetes, seeds = [\"127.0.0.1:1\"] }|seeds|one of them",
        "parley.cluster.bootstrap = kubernetes|management-port|find each other",
        "parley.cluster { bootstrap = kubernetes, management-port = 1 }|embedded|jdbc:postgresql",
        "parley.cluster.bootstrap-nodes = 0|bootstrap-nodes|1 to 100",
        "parley.cluster.split-brain = oldest|parley.cluster.split-brain|lease, majority",
        "parley.nodes.stale-after = 4s|parley.nodes.stale-after|PT9S",
        "parley.nodes.put-out-after = 20s|parley.nodes.put-out-after|PT30S",
        "parley.nodes.timeout = 15s|parley.nodes.put-out-after|PT1M6S",
        "parley.database.url = \"mysql://x\"|url|jdbc:postgresql",
        "parley.carriers = [{name = a, channel = email, protocol = pigeon}]|pigeon|smtp",
        "parley.carriers = [{name = a, channel = email, protocol = smtp, prot = 1}]|prot|port",
        "parley.carriers = [{name = a, channel = fax, protocol = smtp}]|fax|email",
        "parley.stores.threads = 0|parley.stores.threads|1 to 1000",
        "parley.journal.writers = 0|parley.journal.writers|1 to 64",
        "parley.read-side.projections = 3|projections|power of two",
        "parley.context.cache.max-loads = 0|max-loads|1 to 1000000",
        "parley.sandbox.smtp.port = 70000|parley.sandbox.smtp.port|65535",
        "parley.replies.stop-txt.de = Tschau|parley.replies.stop-txt|stop-text",
      })
  void aBadSettingIsNamedWithWhatIsAllowed(String settings, String named, String allowed) {
    assertThatThrownBy(() -> load(settings))
        .hasMessageContaining(named)
        .hasMessageContaining(allowed);
  }

  @Test
  void aMistypedKeyIsNamedWithItsPlaceAndWithoutItsValue() {
    assertThatThrownBy(() -> load("parley.database.pasword = \"s3cret\""))
        .hasMessageContaining("parley.database.pasword")
        .hasMessageContaining("node.conf: 1")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void anAddressOfIpv6MayStandInBrackets() {
    Config option = NodeConfig.load(servingAt("[::1]:8080"));
    for (Config config : List.of(option, load("parley.http.host = \"[::1]\""))) {
      assertThat(config.getString("parley.http.host")).isEqualTo("::1");
      assertThat(config.getString("parley.public-url")).isEqualTo("http://[::1]:8080");
    }
    assertThatThrownBy(() -> NodeConfig.load(servingAt("[]:8080"))).hasMessageContaining("--http");
  }

  private NodeOptions servingAt(String http) {
    return new NodeOptions(
        Optional.empty(), Optional.of(directory), Optional.of(http), Optional.empty(), false);
  }

  /** Language tags and domains cannot be listed beforehand. */
  @Test
  void anOperatorsOwnWordsAreNoTypingErrors() {
    Config config =
        load(
            """
            parley.replies {
              stop-text.de = "Auf Wiedersehen", start-text.de-CH = "Grüezi"
              help-text.fr = "Bonjour", email-subject.de = "Ihr Abonnement"
            }
            parley.carrier-defaults.smtp.domains."gmail.com" { connections = 10 }
            """);
    assertThat(config.getString("parley.replies.stop-text.de")).isEqualTo("Auf Wiedersehen");
    assertThat(config.getString("parley.replies.stop-text.default")).isNotEmpty();
  }

  @Test
  void checkConfigSaysThatTheSettingsAreGoodAndStartsNothing() throws IOException {
    Path file = write("parley.run.parallelism = 8");
    StringWriter out = new StringWriter();
    int exit =
        new CommandLine(new Main())
            .setOut(new PrintWriter(out))
            .execute("--config", file.toString(), "--check-config", "--data", "" + directory);
    assertThat(exit).isZero();
    assertThat(out.toString()).contains("good");
    assertThat(directory.resolve("postgres")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"node.conf", "cluster-node.conf"})
  void theSamplesForOperatorsAreGood(String name) {
    Path sample = Path.of("..", "ops", "samples", name);
    StringWriter said = new StringWriter();
    int exit =
        new CommandLine(new Main())
            .setOut(new PrintWriter(said))
            .setErr(new PrintWriter(said))
            .execute("--config", sample.toString(), "--check-config");
    assertThat(said.toString()).contains("good");
    assertThat(exit).isZero();
  }

  /** Java's own codes, after which a supervisor should not speak of a failure. */
  @Test
  void theHelpSaysHowANodeExitsThatIsToldToStop() {
    assertThat(new CommandLine(new Main()).getUsageMessage())
        .containsPattern("130 +it was told to stop by Ctrl-C")
        .containsPattern("143 +it was told to stop by SIGTERM");
  }

  @Test
  void aBadSettingEndsTheCommandWithOneSentence() throws IOException {
    Path file = write("parley.run.parallelism = many");
    StringWriter err = new StringWriter();
    int exit =
        new CommandLine(new Main())
            .setErr(new PrintWriter(err))
            .execute("--config", file.toString(), "--check-config");
    assertThat(exit).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1).first().asString().contains("parallelism");
  }

  @Test
  void aClusterPortThatIsTakenIsSaidBeforeAnythingStarts() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(startFailsWith("parley.cluster.port = " + taken.getLocalPort()))
          .contains("127.0.0.1:" + taken.getLocalPort())
          .contains("taken")
          .contains("parley.cluster.port");
    }
  }

  @Test
  void anAddressOfAnotherMachineIsSaidBeforeAnythingStarts() throws IOException {
    assertThat(startFailsWith("parley.cluster.host = \"10.255.255.1\""))
        .contains("10.255.255.1")
        .contains("not an address of this machine");
  }

  /** The one sentence that a node says that cannot start. */
  private String startFailsWith(String settings) throws IOException {
    StringWriter err = new StringWriter();
    int exit =
        new CommandLine(new Main())
            .setErr(new PrintWriter(err))
            .execute(
                "--config",
                write(settings).toString(),
                "--data",
                directory.toString(),
                "--http",
                "127.0.0.1:0");
    assertThat(exit).isEqualTo(1);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(directory.resolve("postgres")).doesNotExist();
    return err.toString();
  }

  @Test
  void aFileThatIsNotThereIsSaid() {
    Path missing = directory.resolve("missing.conf");
    assertThatThrownBy(
            () ->
                NodeConfig.load(
                    new NodeOptions(
                        Optional.of(missing),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        false)))
        .hasMessageContaining("missing.conf");
  }

  private Config load(String settings) {
    try {
      return NodeConfig.load(
          new NodeOptions(
              Optional.of(write(settings)),
              Optional.of(directory),
              Optional.empty(),
              Optional.empty(),
              false));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Path write(String settings) throws IOException {
    return Files.writeString(directory.resolve("node.conf"), settings);
  }
}
