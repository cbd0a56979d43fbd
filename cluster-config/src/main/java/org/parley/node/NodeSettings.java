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
 * @param seeds {@code host:port} of nodes to join, in order; empty for a cluster of one
 * @param startTimeout how long joining may take
 */
record NodeSettings(
    Path data, String clusterName, List<String> seeds, Duration startTimeout, boolean sandbox) {
  private static final Pattern SEED = Pattern.compile("[^\\s:/]+:\\d{1,5}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9-]{0,62}");

  static NodeSettings from(Config config) {
    Config cluster = config.getConfig("parley.cluster");
    String name = cluster.getString("name");
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "parley.cluster.name = \""
              + name
              + "\": allowed are a letter and up to 62 letters, digits and hyphens");
    }
    List<String> seeds = List.copyOf(cluster.getStringList("seeds"));
    for (String seed : seeds) {
      if (!SEED.matcher(seed).matches()) {
        throw new IllegalArgumentException(
            "parley.cluster.seeds: \"" + seed + "\": allowed is a list of HOST:PORT");
      }
    }
    return new NodeSettings(
        Path.of(config.getString("parley.data")),
        name,
        seeds,
        cluster.getDuration("start-timeout"),
        config.getBoolean("parley.sandbox.smtp.enabled"));
  }

  /** Nodes, given as {@code host:port}, as Pekko writes addresses. */
  List<String> addresses(List<String> nodes) {
    return nodes.stream().map(seed -> "pekko://" + clusterName + "@" + seed).toList();
  }
}
