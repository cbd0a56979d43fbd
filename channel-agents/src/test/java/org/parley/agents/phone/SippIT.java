package org.parley.agents.phone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.parley.core.api.Outcome;

/**
 * Runs where {@code sipp} (package sip-tester) is installed. Each scenario is a strict peer: a
 * message out of turn, or with the wrong CSeq, makes it fail. It repeats an answer only after 5 s,
 * so that on a slow machine the second ACK, which is right, does not come out of turn.
 */
class SippIT extends CallConformanceTest {
  private static final Path SIPP = Path.of("/usr/bin/sipp");
  private static final Path KEYS = Path.of("/usr/share/sip-tester/dtmf_2833_2.pcap");

  private @Nullable Process sipp;
  private @Nullable SipConnector connector;

  @BeforeEach
  void require() {
    assumeTrue(Files.isExecutable(SIPP), "sipp is not installed (package sip-tester)");
  }

  @AfterEach
  void close() {
    if (connector != null) connector.close();
    if (sipp != null) sipp.destroy();
  }

  @Override
  SipConnector connectorTo(Callee callee, String settings) throws Exception {
    String scenario =
        switch (callee) {
          case ANSWERS -> "answer";
          case BUSY -> "busy";
          case DECLINES -> "decline";
          case NEVER_ANSWERS -> "no-answer";
          case CROSSES -> "crossing";
          case REDIRECTS -> "redirect";
          case CHALLENGES -> "challenge";
          case HANGS_UP -> "hang-up";
        };
    return connectorTo(scenario, settings);
  }

  private SipConnector connectorTo(String scenario, String settings) throws Exception {
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
    await("sipp listens")
        .pollInterval(Duration.ofMillis(10))
        .atMost(Duration.ofSeconds(20))
        .until(() -> listens(port));
    connector = Phones.connector(port, directory, settings);
    return connector;
  }

  /** An INVITE that nobody hears is repeated only after a while, and the phone rings for less. */
  private static boolean listens(int port) throws IOException {
    return Files.readString(Path.of("/proc/net/udp"))
        .contains(String.format("0100007F:%04X ", port));
  }

  private static int freePort() throws IOException {
    try (DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      return socket.getLocalPort();
    }
  }

  @Override
  void assertThatTheExchangeIsContent() throws Exception {
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
  void threeSecondsOfRingingAreWaitedFor() throws Exception {
    Outcome outcome = Phones.call(connectorTo("ringing", ""), number(Callee.ANSWERS));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThatTheExchangeIsContent();
  }

  @Test
  void aKeyInTheSoundIsHeard() throws Exception {
    assumeTrue(Files.isReadable(KEYS), "sipp has no recorded keys");
    assumeTrue(
        System.getProperty("user.name", "").equals("root"),
        "sipp plays recorded sound only as root");
    Outcome outcome = Phones.call(connectorTo("keys", "answer-wait = 5s"), number(Callee.ANSWERS));

    assertThat(outcome.call().orElseThrow().digits()).isEqualTo("2");
    assertThatTheExchangeIsContent();
  }
}
