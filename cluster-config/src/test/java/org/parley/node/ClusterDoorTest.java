package org.parley.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is said of an address or a file that will not do, and the script that makes those that will.
 */
class ClusterDoorTest {
  private static final String HOST = "127.0.0.1";

  @TempDir private static Path directory = Path.of("");
  private static Certificates made = new Certificates(Path.of(""));

  @BeforeAll
  static void makeCertificates() {
    made = Certificates.make(directory.resolve("made"), HOST, "second");
  }

  @Test
  void withGoodFilesPekkoIsToldToUseTls() {
    assertThat(translate(made.settings(HOST)).getString("pekko.remote.artery.transport"))
        .isEqualTo("tls-tcp");
    assertThat(translate("").getString("pekko.remote.artery.transport")).isEqualTo("tcp");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.2", "10.1.2.3", "192.168.0.1", "100.64.0.1", "fd00::1", "node1"})
  void aPrivateAddressWillDo(String host) {
    assertThatCode(() -> translate("parley.cluster.host = \"" + host + "\""))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "[::]", "", "224.0.0.1", "203.0.113.7", "2001:db8::1"})
  void anAddressThatOtherNetworksReachWillNotDoWithoutTls(String host) {
    assertThatThrownBy(() -> translate("parley.cluster.host = \"" + host + "\""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("parley.cluster.host = \"" + host + "\"", "allowed is");
  }

  @ParameterizedTest
  @CsvSource({
    "key, '', empty",
    "key, missing, no such file",
    "certificate, missing, no such file",
    "authorities, empty, BEGIN CERTIFICATE",
    "certificate, garbage, BEGIN CERTIFICATE",
    "key, garbage, BEGIN PRIVATE KEY",
    "key, made/127.0.0.1/certificate.pem, BEGIN PRIVATE KEY",
    "key, made/second/key.pem, not the key of the certificate",
    "authorities, made/second/certificate.pem, none of the authorities",
  })
  void aBadFileIsNamedWithWhatIsWrong(String setting, String file, String why) throws IOException {
    Files.writeString(directory.resolve("empty"), "");
    Files.writeString(
        directory.resolve("garbage"),
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
            + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    String path = file.isEmpty() ? "" : directory.resolve(file).toString();
    String settings = made.settings(HOST) + "parley.cluster.tls." + setting + " = \"" + path + "\"";
    assertThatThrownBy(() -> translate(settings))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("parley.cluster.tls.", path, why)
        .message()
        .hasLineCount(1);
  }

  @Test
  void aCertificateForAnotherHostIsRefusedAtTheStart() {
    String settings = made.settings("second") + "parley.cluster.host = \"third\"";
    assertThatThrownBy(() -> translate(settings)).hasMessageContainingAll("[second]", "third");
  }

  @Test
  void namesAreMatchedAsRfc9525Says() {
    List<String> names = List.of("*.example.com", "fd00:0:0:0:0:0:0:1", "Node");
    assertThat(Stream.of("a.example.com", "A.EXAMPLE.com", "fd00::1", "[fd00::1]", "node"))
        .allMatch(host -> CertificateNames.match(names, host));
    assertThat(Stream.of("example.com", "a.b.example.com", "fd00::2", "10.0.0.1", "nod"))
        .noneMatch(host -> CertificateNames.match(names, host));
  }

  @Test
  void whatTheScriptMakesIsForItsOwnerOnlyAndIsNotOverwritten() throws IOException {
    String before = Files.readString(made.file("second", "key.pem"));
    for (Path file :
        List.of(made.file("second", "key.pem"), made.directory().resolve("authority-key.pem"))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
    Certificates.Ran again = Certificates.run(made.directory().toString(), "fourth", "second");
    assertThat(again.status()).isEqualTo(1);
    assertThat(again.text()).contains("second already").hasLineCount(1);
    assertThat(made.directory().resolve("fourth")).doesNotExist();
    assertThat(Files.readString(made.file("second", "key.pem"))).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "a,b c", "a,DNS:b", "a,", "-x", "a;b"})
  void theScriptRefusesWhatIsNoName(String name) {
    Path nowhere = directory.resolve("nowhere");
    Certificates.Ran ran = Certificates.run(nowhere.toString(), name);
    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.text()).contains("allowed are host names").hasLineCount(1);
    assertThat(nowhere).doesNotExist();
  }

  private static Config translate(String settings) {
    return ClusterDoor.translate(
        ConfigFactory.parseString(settings).withFallback(ConfigFactory.defaultReference()));
  }
}
