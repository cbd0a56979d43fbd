package org.parley.agents.pool;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import org.parley.agents.settings.Checked;

/** Pool settings as the tests need them. */
final class Pools {
  private Pools() {}

  /** A pool that keeps its size. */
  static PoolSettings settings(int instances, int operations, Duration drainTimeout) {
    return settings(
        "min-instances = "
            + instances
            + ", max-instances = "
            + instances
            + ", operations-per-instance = "
            + operations
            + ", waiting = 100, drain-timeout = "
            + drainTimeout.toMillis()
            + "ms");
  }

  /** The email channel's settings with some of their own. */
  static PoolSettings settings(String more) {
    return PoolSettings.read(
        Checked.at(
            ConfigFactory.parseString("parley.agents.email { " + more + " }")
                .withFallback(ConfigFactory.load())
                .resolve(),
            "parley.agents.email"));
  }
}
