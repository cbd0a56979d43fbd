package org.parley.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.parley.agents.ChannelAgents;
import org.parley.context.ContextShard;
import org.parley.core.Engine;
import org.parley.http.HttpApi;
import org.parley.persistence.Persistence;

/** Puts a node's configuration together and finds what is wrong with it before anything starts. */
final class NodeConfig {
  /** Parts of the configuration whose keys are the operator's own words. */
  private static final List<String> FREE =
      List.of(
          "parley.carriers",
          "parley.carrier-defaults.smtp.domains",
          "parley.database.embedded",
          "parley.replies.stop-text",
          "parley.replies.start-text",
          "parley.replies.help-text",
          "parley.replies.email-subject");

  private static final String VERSION = "parley-version.conf";

  /** Pekko's strategies by the names that they have here. */
  private static final SortedMap<String, String> SPLIT_BRAIN =
      new TreeMap<>(Map.of("lease", "lease-majority", "majority", "keep-majority"));

  private NodeConfig() {}

  /**
   * The configuration of a node: options over the file over the environment and the defaults.
   *
   * @throws ConfigException for a file that cannot be read or parsed
   * @throws IllegalArgumentException for an unknown key or a value out of its bounds
   */
  static Config load(NodeOptions options) {
    // Not resolved before the end: what stands over a value also changes what refers to it.
    Config defaults =
        ConfigFactory.parseResources("parley-node.conf")
            .withFallback(ConfigFactory.parseResources(VERSION))
            .withFallback(ConfigFactory.defaultReferenceUnresolved());
    Config file = options.file().map(NodeConfig::parse).orElseGet(ConfigFactory::empty);
    refuseWireVersion(file);
    refuseUnknownKeys(file, ConfigFactory.defaultOverrides().withFallback(defaults).resolve());
    Config config =
        withPorts(
            withBareHost(
                withSplitBrain(
                    ConfigFactory.defaultOverrides()
                        .withFallback(optionsOver(options))
                        .withFallback(file)
                        .withFallback(defaults)
                        .resolve())));
    check(config);
    return ClusterDoor.translate(config);
  }

  /** Checks every part's settings without starting it. */
  private static void check(Config config) {
    NodeSettings.from(config);
    Persistence.check(config);
    Engine.check(config);
    ChannelAgents.check(config);
    Sandboxes.check(config);
    ContextShard.check(config);
    HttpApi.check(config);
  }

  /** The release this is. */
  static String version() {
    return ConfigFactory.parseResources(VERSION).getString("pekko.cluster.app-version");
  }

  private static void refuseWireVersion(Config file) {
    if (!file.hasPath(WireVersionCheck.KEY)) return;
    throw new IllegalArgumentException(
        WireVersionCheck.KEY + ": it belongs to the release and cannot be set");
  }

  private static Config parse(Path file) {
    if (!Files.isReadable(file)) {
      throw new IllegalArgumentException("--config " + file + ": there is no such readable file");
    }
    return ConfigFactory.parseFile(file.toFile());
  }

  private static Config optionsOver(NodeOptions options) {
    Map<String, Object> over = new HashMap<>();
    options.data().ifPresent(dir -> over.put("parley.data", dir.toString()));
    options.database().ifPresent(url -> over.put("parley.database.url", url));
    options
        .http()
        .ifPresent(
            text -> {
              int colon = text.lastIndexOf(':');
              if (colon < 1 || text.startsWith("[]")) throw badHttp(text);
              over.put("parley.http.host", text.substring(0, colon));
              try {
                int port = Integer.parseInt(text.substring(colon + 1));
                if (port < 0 || port > 65_535) throw badHttp(text);
                over.put("parley.http.port", port);
              } catch (NumberFormatException e) {
                throw badHttp(text);
              }
            });
    if (options.sandbox()) {
      for (String protocol : List.of("smtp", "smpp", "sip")) {
        over.put("parley.sandbox." + protocol + ".enabled", true);
      }
    }
    return ConfigFactory.parseMap(over, "the command line");
  }

  private static IllegalArgumentException badHttp(String text) {
    return new IllegalArgumentException(
        "--http " + text + ": allowed is HOST:PORT with a port of 0 to 65535");
  }

  private static Config withSplitBrain(Config config) {
    String key = "parley.cluster.split-brain";
    String side = config.getString(key);
    String strategy = SPLIT_BRAIN.get(side);
    if (strategy == null) {
      throw new IllegalArgumentException(
          key + " = \"" + side + "\": allowed are " + String.join(", ", SPLIT_BRAIN.keySet()));
    }
    String resolver = "pekko.cluster.split-brain-resolver.";
    Config decided =
        config.withValue(resolver + "active-strategy", ConfigValueFactory.fromAnyRef(strategy));
    // Without a lease, what two sides see of an unstable network may differ for good.
    return side.equals("lease")
        ? decided
        : decided.withValue(
            resolver + "down-all-when-unstable", ConfigValueFactory.fromAnyRef("15s"));
  }

  /** An IPv6 address may stand in brackets, as it does in front of a port. */
  private static Config withBareHost(Config config) {
    String key = "parley.http.host";
    String host = config.getString(key);
    if (!host.startsWith("[") || !host.endsWith("]")) return config;
    String bare = host.substring(1, host.length() - 1);
    return config.withValue(key, ConfigValueFactory.fromAnyRef(bare));
  }

  /** Chooses the ports that were left to us, so that links can name them. */
  private static Config withPorts(Config config) {
    Config out = config;
    if (out.getInt("parley.http.port") == 0) {
      out =
          out.withValue("parley.http.port", number(Ports.free(out.getString("parley.http.host"))));
    }
    if (out.getString("parley.public-url").isEmpty()) {
      String host = out.getString("parley.http.host");
      String shown = host.contains(":") ? "[" + host + "]" : host;
      String url = "http://" + shown + ":" + out.getInt("parley.http.port");
      out = out.withValue("parley.public-url", ConfigValueFactory.fromAnyRef(url));
    }
    if (out.getString("parley.http.public-url").isEmpty()) {
      out = out.withValue("parley.http.public-url", out.getValue("parley.public-url"));
    }
    return out;
  }

  private static ConfigValue number(int value) {
    return ConfigValueFactory.fromAnyRef(value);
  }

  /**
   * A key that nobody reads is a typing error: better said than ignored. Its value is not told: it
   * may be what belongs under the key of a secret.
   */
  private static void refuseUnknownKeys(Config file, Config defaults) {
    if (!file.hasPath("parley")) return;
    List<String> unknown = new ArrayList<>();
    collectUnknown("parley", file.getObject("parley"), defaults, unknown);
    if (unknown.isEmpty()) return;
    String first = unknown.get(0);
    int dot = first.lastIndexOf('.');
    String parent = first.substring(0, dot);
    throw new IllegalArgumentException(
        first
            + " ("
            + file.getValue(first).origin().description()
            + "): there is no such setting; under "
            + parent
            + " there are "
            + String.join(", ", new TreeSet<>(defaults.getObject(parent).keySet())));
  }

  private static void collectUnknown(
      String path, ConfigObject object, Config defaults, List<String> unknown) {
    if (FREE.contains(path)) return;
    for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
      String key = path + '.' + entry.getKey();
      if (!defaults.hasPathOrNull(key)) unknown.add(key);
      else if (entry.getValue() instanceof ConfigObject inner) {
        collectUnknown(key, inner, defaults, unknown);
      }
    }
  }
}
