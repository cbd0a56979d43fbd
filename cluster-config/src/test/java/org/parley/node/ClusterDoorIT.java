package org.parley.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.typesafe.config.Config;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.StreamSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.Deploy;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.JoinSeedNodes;
import org.apache.pekko.remote.DaemonMsgCreate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.parley.core.spi.WireMessage;
import org.slf4j.LoggerFactory;

/** Who comes in to a cluster with TLS, and who does not: nodes' actor systems on real sockets. */
class ClusterDoorIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int PATIENCE_MILLIS = (int) PATIENCE.toMillis();
  private static final Optional<CoordinatedShutdown.Reason> IN_VAIN =
      Optional.of(CoordinatedShutdown.clusterJoinUnsuccessfulReason());
  private static final String HOST = "127.0.0.1";
  private static final String OTHER = "elsewhere.example.com";
  private static final String PLAIN = "parley.cluster.host = \"127.0.0.1\"\n";
  private static final String BRIEFLY =
      "pekko.cluster.shutdown-after-unsuccessful-join-seed-nodes = 3s\n";

  /** What a sender may have that a receiver has not. */
  private static final String LOOSE =
      """
      pekko.actor.allow-java-serialization = on
      pekko.actor.warn-about-java-serializer-usage = off
      pekko.actor.serialization-bindings {
        "org.parley.node.ClusterDoorIT$Smuggled" = jackson-cbor
        "org.parley.node.ClusterDoorIT$Old" = java
      }
      """;

  record Welcome(String text) implements WireMessage {}

  record Smuggled(String text) {}

  record Old(String text) implements Serializable {}

  /** Started on another node, if that lets it. */
  static final class Intruder extends AbstractActor {
    static final AtomicInteger STARTED = new AtomicInteger();

    Intruder() {
      STARTED.incrementAndGet();
    }

    @Override
    public Receive createReceive() {
      return emptyBehavior();
    }
  }

  @TempDir private static Path directory = Path.of("");
  private static final List<ActorSystem<Void>> STARTED = new ArrayList<>();
  private static Certificates ours = new Certificates(Path.of(""));
  private static Certificates foreign = new Certificates(Path.of(""));

  @BeforeAll
  static void makeCertificates() {
    ours = Certificates.make(directory.resolve("ours"), HOST, OTHER);
    foreign = Certificates.make(directory.resolve("foreign"), HOST);
  }

  @AfterAll
  static void end() {
    STARTED.forEach(ActorSystem::terminate);
  }

  @Test
  void onlyMessagesOfTheProtocolAreTaken() throws IOException {
    BlockingQueue<Object> taken = new LinkedBlockingQueue<>();
    ActorSystem<Void> receiver = system(ours.settings(HOST));
    ActorRef<Object> reader =
        receiver.systemActorOf(
            Behaviors.receive(Object.class).onAnyMessage(message -> take(taken, message)).build(),
            "reader",
            Props.empty());
    String address = ActorRefResolver.get(receiver).toSerializationFormat(reader);
    ActorSystem<Void> sender = system(ours.settings(HOST) + LOOSE);
    ActorRef<Object> there = ActorRefResolver.get(sender).resolveActorRef(address);
    String root = address(receiver) + "/remote";
    var daemon = Adapter.toClassic(sender).provider().resolveActorRef(root);
    var start =
        new DaemonMsgCreate(
            org.apache.pekko.actor.Props.create(Intruder.class),
            Deploy.local(),
            root + "/intruder",
            Adapter.toClassic(there));
    ListAppender<ILoggingEvent> log = listen();

    Awaitility.await("the one message that is allowed, and a word about the others")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              there.tell(new Smuggled("by Jackson"));
              there.tell(new Old("by Java"));
              daemon.tell(start, org.apache.pekko.actor.ActorRef.noSender());
              there.tell(new Welcome("as agreed"));
              return !taken.isEmpty()
                  && says(log, "type [org.parley.node.ClusterDoorIT$Smuggled]")
                  && says(log, "Incoming message attempted to use Java Serialization")
                  && says(log, "Received command to create remote Actor");
            });
    assertThat(taken).containsOnly(new Welcome("as agreed"));
    assertThat(Intruder.STARTED).hasValue(0);
  }

  private static Behavior<Object> take(BlockingQueue<Object> taken, Object message) {
    taken.add(message);
    return Behaviors.same();
  }

  @Test
  void newCertificatesAreReadWithoutARestartAndBadOnesAreNot() throws Exception {
    Path live = Files.createDirectory(directory.resolve("live"));
    copy(foreign.directory().resolve(HOST), live);
    Certificates changing = new Certificates(directory);
    ActorSystem<Void> node =
        founder(changing.settings("live").replace("\"live\"", "\"127.0.0.1\""));
    assertThatThrownBy(() -> handshake(port(node))).isInstanceOf(SSLException.class);

    Files.writeString(live.resolve("key.pem"), "half a k");
    assertThatThrownBy(() -> handshake(port(node)))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("PKIX");

    copy(ours.directory().resolve(HOST), live);
    handshake(port(node));
  }

  @Test
  void whoHasTheRightCertificateJoinsAndNobodyElseDoes() throws Exception {
    ActorSystem<Void> first = founder(ours.settings(HOST));
    ActorSystem<Void> plain = founder(PLAIN);
    ListAppender<ILoggingEvent> log = listen();
    List<ActorSystem<Void>> strangers =
        List.of(
            joining(first, PLAIN + BRIEFLY),
            joining(first, foreign.settings(HOST) + BRIEFLY),
            joining(first, ours.settings(OTHER) + BRIEFLY + at("127.0.0.1")),
            joining(plain, ours.settings(HOST) + BRIEFLY));
    for (int i = 0; i < 20; i++) {
      refusesPlaintext(port(first));
      refusesWhoShowsNoCertificate(port(first));
    }
    for (ActorSystem<Void> stranger : strangers) {
      Awaitility.await("a stranger gives up")
          .atMost(PATIENCE)
          .until(() -> CoordinatedShutdown.get(stranger).getShutdownReason().equals(IN_VAIN));
    }
    log.stop();
    assertThat(warnings(log))
        .as("what all of it left in the log")
        .hasSizeLessThan(40)
        .allMatch(each -> each.getThrowableProxy() == null);

    ActorSystem<Void> second = joining(first, ours.settings(HOST));
    awaitMembers(first, 2);
    assertThat(members(first).stream().map(Member::address))
        .containsExactlyInAnyOrder(address(first), address(second));
    assertThat(members(plain)).hasSize(1);
  }

  private static void copy(Path from, Path to) throws IOException {
    for (String name : List.of("authorities.pem", "certificate.pem", "key.pem")) {
      Files.copy(from.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /**
   * What a client does that trusts our authority only; its own certificate is not asked for yet.
   */
  private static void handshake(int port) throws IOException, GeneralSecurityException {
    try (Socket socket = trustingOurs().getSocketFactory().createSocket(HOST, port)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      ((SSLSocket) socket).startHandshake();
    }
  }

  /** Artery's own first words, without TLS around them. */
  private static void refusesPlaintext(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write("AKKA\1....".getBytes(StandardCharsets.US_ASCII));
      assertThat(isClosed(socket)).isTrue();
    }
  }

  private static void refusesWhoShowsNoCertificate(int port)
      throws IOException, GeneralSecurityException {
    try (SSLSocket socket =
        (SSLSocket) trustingOurs().getSocketFactory().createSocket(HOST, port)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      assertThatThrownBy(
              () -> {
                socket.startHandshake();
                int unused = socket.getInputStream().read();
              })
          .isInstanceOf(SSLException.class)
          .hasMessageContaining("certificate");
    }
  }

  private static boolean isClosed(Socket socket) throws IOException {
    try (InputStream in = socket.getInputStream()) {
      byte[] alert = in.readNBytes(64); // a TLS alert at most, and then the end
      return alert.length < 64;
    }
  }

  /** A client that has a certificate of nobody. */
  private static SSLContext trustingOurs() throws IOException, GeneralSecurityException {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, new char[0]);
    try (InputStream in = new FileInputStream(ours.file(HOST, "authorities.pem").toFile())) {
      trusted.setCertificateEntry(
          "ours", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static String at(String address) {
    return "pekko.remote.artery.canonical.hostname = \"" + address + "\"\n";
  }

  private static ActorSystem<Void> founder(String settings) throws IOException {
    ActorSystem<Void> system = system(settings);
    join(system, system);
    awaitMembers(system, 1);
    return system;
  }

  private static ActorSystem<Void> joining(ActorSystem<Void> cluster, String settings)
      throws IOException {
    ActorSystem<Void> system = system(settings);
    join(system, cluster);
    return system;
  }

  private static ActorSystem<Void> system(String settings) throws IOException {
    Path file = Files.createTempFile(directory, "node", ".conf");
    Files.writeString(
        file,
        settings
            + """
              parley.cluster.split-brain = majority
              pekko.cluster.jmx.multi-mbeans-in-same-jvm = on
              pekko.coordinated-shutdown.exit-jvm = off
              """);
    Config config =
        NodeConfig.load(
            new NodeOptions(
                Optional.of(file),
                Optional.of(directory),
                Optional.empty(),
                Optional.empty(),
                false));
    ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "parley", config);
    STARTED.add(system);
    return system;
  }

  private static void join(ActorSystem<Void> system, ActorSystem<Void> cluster) {
    Cluster.get(system).manager().tell(new JoinSeedNodes(List.of(address(cluster))));
  }

  private static Address address(ActorSystem<Void> system) {
    return Cluster.get(system).selfMember().address();
  }

  private static int port(ActorSystem<Void> system) {
    return address(system).getPort().orElseThrow();
  }

  private static List<Member> members(ActorSystem<Void> system) {
    return StreamSupport.stream(Cluster.get(system).state().getMembers().spliterator(), false)
        .toList();
  }

  private static void awaitMembers(ActorSystem<Void> system, int number) {
    Awaitility.await(number + " members are up")
        .atMost(PATIENCE)
        .until(
            () ->
                members(system).stream()
                        .filter(each -> each.status().equals(MemberStatus.up()))
                        .count()
                    == number);
  }

  private static ListAppender<ILoggingEvent> listen() {
    ListAppender<ILoggingEvent> appender = new ListAppender<>();
    appender.start();
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).addAppender(appender);
    return appender;
  }

  private static boolean says(ListAppender<ILoggingEvent> log, String words) {
    return warnings(log).stream().anyMatch(each -> each.getFormattedMessage().contains(words));
  }

  private static List<ILoggingEvent> warnings(ListAppender<ILoggingEvent> log) {
    synchronized (log) { // as the appender does when it adds one
      return log.list.stream()
          .filter(each -> each.getLevel().isGreaterOrEqual(Level.WARN))
          .filter(each -> !each.getMessage().contains("heartbeat")) // of a slow machine
          .toList();
    }
  }
}
