package org.parley.persistence.readside;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.Map;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;

/** A cluster of one node. */
final class TestNode implements AutoCloseable {
  private final ActorTestKit kit;

  private TestNode(ActorTestKit kit) {
    this.kit = kit;
  }

  static TestNode start(Map<String, ?> settings) {
    return start(ConfigFactory.parseMap(settings));
  }

  static TestNode start(Config settings) {
    Config own =
        ConfigFactory.parseString(
                """
                pekko {
                  loglevel = WARNING
                  actor.provider = cluster
                  remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                  cluster.jmx.enabled = off
                  # A test does not wait for shards to be handed to nobody; it ends like a crash.
                  coordinated-shutdown.run-by-actor-system-terminate = off
                  cluster.sharding.state-store-mode = ddata
                  cluster.sharding.distributed-data.durable.keys = []
                }
                """)
            .withFallback(TestJournal.serialization());
    Config config = settings.withFallback(own).withFallback(ConfigFactory.load());
    Config all = ReadSide.config(config).withFallback(config).resolve();
    ActorTestKit kit = ActorTestKit.create("read-side-test", all);
    Cluster cluster = Cluster.get(kit.system());
    cluster.manager().tell(Join.create(cluster.selfMember().address()));
    return new TestNode(kit);
  }

  ActorSystem<Void> system() {
    return kit.system();
  }

  @Override
  public void close() {
    ActorTestKit.shutdown(kit.system(), Duration.ofSeconds(20));
  }
}
