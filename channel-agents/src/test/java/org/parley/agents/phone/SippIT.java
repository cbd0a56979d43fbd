package org.parley.agents.phone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.parley.core.api.CallResult.EndedBy;
import org.parley.core.api.Outcome;

/**
 * Runs where {@code sipp} (package sip-tester) is installed. Each scenario is a strict peer: a
 * message out of turn, or with the wrong CSeq, makes it fail.
 */
class SippIT {
  private static final Path SIPP = Path.of("/usr/bin/sipp");
  private static final Path KEYS = Path.of("/usr/share/sip-tester/dtmf_2833_2.pcap");
  private static final String NUMBER = "+493020";

  @TempDir Path directory;

  private @Nullable Process sipp;
  private @Nullable SipConnector connector;

  @BeforeEach
  void record() throws IOException {
    assumeTrue(Files.isExecutable(SIPP), "sipp is not installed (package sip-tester)");
    Path unused = Phones.tone(directory.resolve("hello.wav"), 1000);
  }

  @AfterEach
  void close() {
    if (connector != null) connector.close();
    if (sipp != null) sipp.destroy();
  }

  private Outcome call(String scenario, String more) throws Exception {
    Path file = directory.resolve(scenario + ".xml");
    try (var in = SippIT.class.getResourceAsStream("/sipp/" + scenario + ".xml")) {
      Files.write(file, Objects.requireNonNull(in).readAllBytes());
    }
    int port = freePort();
    sipp =
        new ProcessBuilder(
                SIPP.toString(),
                "-sf",
                file.toString(),
                "-i",
                "127.0.0.1",
                "-p",
                Integer.toString(port),
                "-mp",
                Integer.toString(freePort() & ~1),
                "-m",
                "1",
                "-nostdin",
                "-timeout",
                "30s",
                "-timeout_error")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("sipp.log").toFile())
            .start();
    connector = Phones.connector(port, directory, more);
    return Phones.call(connector, NUMBER);
  }

  private static int freePort() throws IOException {
    try (DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      return socket.getLocalPort();
    }
  }

  private void assertThatSippIsContent() throws Exception {
    Process process = Objects.requireNonNull(sipp);
    assertThat(process.waitFor(40, TimeUnit.SECONDS)).as("sipp ends").isTrue();
    assertThat(process.exitValue())
        .as(() -> "sipp says: " + read(directory.resolve("sipp.log")))
        .isZero();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void aCallIsAnsweredAndHungUp() throws Exception {
    Outcome outcome = call("answer", "");

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(outcome.call().orElseThrow().endedBy()).isEqualTo(EndedBy.US);
    assertThatSippIsContent();
  }

  @Test
  void threeSecondsOfRingingAreWaitedFor() throws Exception {
    Outcome outcome = call("ringing", "");

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThatSippIsContent();
  }

  @Test
  void busyIsBusy() throws Exception {
    assertThat(call("busy", "").reason()).contains("busy");
    assertThatSippIsContent();
  }

  @Test
  void declinedIsDeclined() throws Exception {
    assertThat(call("decline", "").reason()).contains("declined");
    assertThatSippIsContent();
  }

  @Test
  void nobodyAnswersAndTheCallIsTakenBack() throws Exception {
    assertThat(call("no-answer", "ring-timeout = 1s").reason()).contains("noAnswer");
    assertThatSippIsContent();
  }

  @Test
  void anAnswerThatCrossesTheCancelIsHungUpOn() throws Exception {
    assertThat(call("crossing", "ring-timeout = 1s").reason()).contains("noAnswer");
    assertThatSippIsContent();
  }

  @Test
  void aRedirectIsFollowedInTheSameCall() throws Exception {
    assertThat(call("redirect", "").kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThatSippIsContent();
  }

  @Test
  void aPasswordIsProved() throws Exception {
    assertThat(call("challenge", "username = relay, password = secret").kind())
        .isEqualTo(Outcome.Kind.ACCEPTED);
    assertThatSippIsContent();
  }

  @Test
  void aCustomerHangsUpInTheMiddleOfThePrompt() throws Exception {
    Outcome outcome = call("hang-up", "");

    assertThat(outcome.call().orElseThrow().endedBy()).isEqualTo(EndedBy.CUSTOMER);
    assertThatSippIsContent();
  }

  @Test
  void aKeyInTheSoundIsHeard() throws Exception {
    assumeTrue(Files.isReadable(KEYS), "sipp has no recorded keys");
    assumeTrue(
        System.getProperty("user.name", "").equals("root"),
        "sipp plays recorded sound only as root");
    Outcome outcome = call("keys", "answer-wait = 5s");

    assertThat(outcome.call().orElseThrow().digits()).isEqualTo("2");
    assertThatSippIsContent();
  }
}
