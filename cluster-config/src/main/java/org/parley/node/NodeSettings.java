package org.parley.node;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What the node itself reads from its configuration.
 *
 * @param data where the API key, the sandbox's ledger and an embedded database are kept
 * @param host where other nodes reach this one
 * @param port the same; 0 for any
 * @param managementPort where Pekko Management answers at the host; 0 for nowhere
 * @param seeds {@code host:port} of nodes to join, in order
 * @param bootstrap whether nodes find each other by discovery instead; with neither it is a cluster
 *     of one
 * @param startTimeout how long joining may take
 */
record NodeSettings(
    Path data,
    String clusterName,
    String host,
    int port,
    int managementPort,
    List<String> roles,
    List<String> seeds,
    boolean bootstrap,
    Duration startTimeout) {
  /** What a node may do. */
  private static final List<String> ROLES =
      List.of("conversation", "email-agent", "sms-agent", "phone-agent", "http");

  private static final Pattern SEED = Pattern.compile("(\\[[^\\]\\s]+\\]|[^\\s:/]+):\\d{1,5}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9-]{0,62}");
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127\\..*|::1|\\[::1\\]", Pattern.CASE_INSENSITIVE);

  static NodeSettings from(Config config) {
    Config cluster = config.getConfig("parley.cluster");
    NodeSettings settings =
        new NodeSettings(
            Path.of(config.getString("parley.data")),
            name(cluster.getString("name")),
            cluster.getString("host"),
            port(cluster, "port"),
            port(cluster, "management-port"),
            roles(cluster.getStringList("roles")),
            seeds(cluster.getStringList("seeds")),
            bootstrap(cluster),
            startTimeout(cluster));
    settings.requireOneWayIn();
    settings.requireReachable(config.getString("parley.database.url"));
    return settings;
  }

  private static String name(String name) {
    if (NAME.matcher(name).matches()) return name;
    throw new IllegalArgumentException(
        "parley.cluster.name = \""
            + name
            + "\": allowed are a letter and up to 62 letters, digits and hyphens");
  }

  private static int port(Config cluster, String key) {
    int port = cluster.getInt(key);
    if (port >= 0 && port <= 65_535) return port;
    throw new IllegalArgumentException(
        "parley.cluster." + key + " = " + port + ": allowed is 0 to 65535");
  }

  private static List<String> roles(List<String> roles) {
    for (String role : roles) {
      if (!ROLES.contains(role)) {
        throw new IllegalArgumentException(
            "parley.cluster.roles: \"" + role + "\": allowed are " + String.join(", ", ROLES));
      }
    }
    if (!roles.isEmpty()) return List.copyOf(roles);
    throw new IllegalArgumentException(
        "parley.cluster.roles = []: allowed is at least one of " + String.join(", ", ROLES));
  }

  private static List<String> seeds(List<String> seeds) {
    for (String seed : seeds) {
      boolean good = SEED.matcher(seed).matches() && portOf(seed) > 0 && portOf(seed) <= 65_535;
      if (!good) {
        throw new IllegalArgumentException(
            "parley.cluster.seeds: \"" + seed + "\": allowed is a list of HOST:PORT");
      }
    }
    return List.copyOf(seeds);
  }

  private static boolean bootstrap(Config cluster) {
    int nodes = cluster.getInt("bootstrap-nodes");
    if (nodes < 1 || nodes > 100) {
      throw new IllegalArgumentException(
          "parley.cluster.bootstrap-nodes = " + nodes + ": allowed is 1 to 100");
    }
    String bootstrap = cluster.getString("bootstrap");
    return switch (bootstrap) {
      case "none" -> false;
      case "kubernetes" -> true;
      default ->
          throw new IllegalArgumentException(
              "parley.cluster.bootstrap = \"" + bootstrap + "\": allowed are none and kubernetes");
    };
  }

  private static Duration startTimeout(Config cluster) {
    Duration timeout = cluster.getDuration("start-timeout");
    boolean good = timeout.toMillis() >= 1_000 && timeout.toMinutes() <= 10;
    if (good) return timeout;
    throw new IllegalArgumentException(
        "parley.cluster.start-timeout = " + timeout.toMillis() + "ms: allowed is 1s to 10m");
  }

  private void requireOneWayIn() {
    if (!bootstrap) return;
    if (!seeds.isEmpty()) {
      throw new IllegalArgumentException(
          "parley.cluster.bootstrap = kubernetes and parley.cluster.seeds: allowed is one of them");
    }
    if (managementPort == 0) {
      throw new IllegalArgumentException(
          "parley.cluster.management-port = 0: parley.cluster.bootstrap needs one from 1 to 65535,"
              + " because nodes find each other there");
    }
  }

  /** What other machines cannot reach is told before they try. */
  private void requireReachable(String database) {
    boolean elsewhere = seeds.stream().anyMatch(seed -> !isLoopback(hostOf(seed)));
    if (elsewhere && isLoopback(host)) {
      throw new IllegalArgumentException(
          "parley.cluster.host = \""
              + host
              + "\": no other machine can reach it; allowed, with these parley.cluster.seeds, is an"
              + " address of this machine on their network");
    }
    if ((elsewhere || bootstrap) && database.equals("embedded")) {
      throw new IllegalArgumentException(
          "parley.database.url = embedded: the nodes of a cluster share one database; allowed, with"
              + " nodes on other machines, is its jdbc:postgresql://HOST:PORT/DATABASE");
    }
  }

  private static boolean isLoopback(String host) {
    return LOOPBACK.matcher(host).matches();
  }

  static String hostOf(String seed) {
    return seed.substring(0, seed.lastIndexOf(':'));
  }

  static int portOf(String seed) {
    return Integer.parseInt(seed.substring(seed.lastIndexOf(':') + 1));
  }

  /** Whether this node serves the API. */
  boolean servesHttp() {
    return roles.contains("http");
  }

  /** Nodes, given as {@code host:port}, as Pekko writes addresses. */
  List<String> addresses(List<String> nodes) {
    return nodes.stream().map(seed -> "pekko://" + clusterName + "@" + seed).toList();
  }
}
