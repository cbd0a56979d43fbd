package org.parley.ops;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where the parts of a local cluster are: their directories, ports and settings. */
final class LocalLayout {
  /** More than a node's pools take together. */
  private static final int CONNECTIONS_PER_NODE = 60;

  private static final int MAX_SEEDS = 3;

  private final Path data;
  private final Path prompts;
  private final Optional<Path> config;
  private final List<Address> http;
  private final List<Integer> ports;

  /**
   * A layout on free ports.
   *
   * @param http where the first node takes requests, the others on the ports after it; with port 0,
   *     each takes any free one
   * @param config more settings of every node
   */
  LocalLayout(Shell shell, Path data, int count, Address http, Optional<Path> config) {
    if (http.port() + count > 65_536) {
      throw CommandFailure.usage("--http leaves no room for " + count + " ports: " + http);
    }
    this.data = NodeProcess.writable(data);
    this.prompts = shell.home().resolve("ops").resolve("samples").resolve("prompts");
    this.config = config;
    this.ports = freePorts(count);
    List<Integer> free = freePorts(count);
    List<Address> addresses = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      addresses.add(new Address(http.host(), http.port() == 0 ? free.get(i) : http.port() + i));
    }
    this.http = List.copyOf(addresses);
  }

  int count() {
    return ports.size();
  }

  /** What a node of this cluster is called, given {@code HOST:PORT} of its place in it. */
  String name(String address) {
    for (int i = 0; i < ports.size(); i++) {
      if (address.equals("127.0.0.1:" + ports.get(i))) return "node " + (i + 1);
    }
    return address;
  }

  DatabaseProcess startDatabase(Launch launch) {
    return DatabaseProcess.start(
        launch,
        data.resolve("postgres"),
        data.resolve("postgres.log"),
        CONNECTIONS_PER_NODE * (count() + 1));
  }

  Map<BenchChannel, SandboxProcess> startCarriers(Launch launch) {
    return BenchCarriers.of(EnumSet.allOf(BenchChannel.class), Optional.empty())
        .start(launch, data);
  }

  NodeProcess startNode(Launch launch, int number) {
    Path directory = directory(number);
    try {
      Path log = directory.resolve("node.log");
      if (Files.exists(log)) {
        Files.move(log, directory.resolve("node.log.before"), StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw CommandFailure.failed("cannot put a log aside: " + e.getMessage());
    }
    return NodeProcess.start(
        launch,
        new NodeProcess.Settings(
            directory,
            http.get(number - 1),
            Optional.empty(),
            Optional.of(directory.resolve("node.conf")),
            false));
  }

  /** Writes each node's configuration: the same database and carriers, a place of its own. */
  void writeSettings(Path database, Map<BenchChannel, SandboxProcess> carriers) throws IOException {
    ObjectNode common = Json.object();
    common.putObject("phone").put("prompts", prompts.toString());
    ArrayNode chain = common.putArray("carriers");
    carriers.forEach((channel, carrier) -> chain.add(carrier(channel, carrier.awaitAddress())));
    List<String> seeds = ports.stream().limit(MAX_SEEDS).map(port -> "127.0.0.1:" + port).toList();
    for (int i = 1; i <= count(); i++) {
      ObjectNode place = Json.object();
      ObjectNode cluster = place.putObject("cluster").put("port", ports.get(i - 1));
      seeds.forEach(cluster.putArray("seeds")::add);
      Files.createDirectories(directory(i));
      Files.writeString(
          directory(i).resolve("node.conf"),
          include(database)
              + ("parley: " + common + "\n")
              + config.map(LocalLayout::include).orElse("")
              + ("parley: " + place + "\n"));
    }
  }

  private static ObjectNode carrier(BenchChannel channel, Address to) {
    return Json.object()
        .put("name", "sandbox-" + channel.label())
        .put("channel", channel.label())
        .put("protocol", channel.protocol())
        .put("host", to.host())
        .put("port", to.port())
        .put("per-second", channel == BenchChannel.PHONE ? 200 : 10_000);
  }

  private static String include(Path file) {
    return "include file(" + TextNode.valueOf(file.toString()) + ")\n";
  }

  /** Where the API key stands, once {@link #apiKey} has found it. */
  Path keyFile() {
    return data.resolve("api-key");
  }

  /** The key that one of the nodes has written at the first start; absent when none has. */
  synchronized Optional<String> apiKey() {
    Path copy = keyFile();
    try {
      for (int i = 1; i <= count(); i++) {
        Path told = directory(i).resolve("api-key");
        if (!Files.exists(told) || !modified(told).isAfter(modified(copy))) continue;
        Files.copy(
            told, copy, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
      }
      return Optional.of(Files.readString(copy).strip()).filter(key -> !key.isEmpty());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Instant modified(Path file) throws IOException {
    return Files.exists(file) ? Files.getLastModifiedTime(file).toInstant() : Instant.MIN;
  }

  /** Where the nodes' logs are. */
  String logs() {
    return data.resolve("node-*") + "/node.log";
  }

  private Path directory(int number) {
    return data.resolve("node-" + number);
  }

  /** Distinct ports of this machine that are free now. */
  private static List<Integer> freePorts(int count) {
    List<ServerSocket> sockets = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        sockets.add(socket);
        ports.add(socket.getLocalPort());
      }
      for (ServerSocket socket : sockets) socket.close();
      return List.copyOf(ports);
    } catch (IOException e) {
      throw CommandFailure.failed("there are not enough free ports: " + e.getMessage());
    }
  }
}
