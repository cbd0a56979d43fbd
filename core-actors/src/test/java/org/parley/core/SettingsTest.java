package org.parley.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
  private static Config reference() {
    return ConfigFactory.parseResources(Engine.class.getClassLoader(), "reference.conf").resolve();
  }

  /** Keys that neither have a comment nor stand in a block that has one. */
  private static List<String> bare(String path, ConfigObject block) {
    List<String> bare = new ArrayList<>();
    for (Map.Entry<String, ConfigValue> entry : block.entrySet()) {
      String key = path + '.' + entry.getKey();
      if (!entry.getValue().origin().comments().isEmpty()) continue;
      if (entry.getValue() instanceof ConfigObject inner) bare.addAll(bare(key, inner));
      else bare.add(key);
    }
    return bare;
  }

  @Test
  void everySettingSaysWhatItDoes() {
    ConfigObject settings = reference().getObject("parley");
    assertThat(settings).isNotEmpty();
    assertThat(bare("parley", settings)).as("settings without a comment").isEmpty();
  }

  @Test
  void theDefaultsAreWithinTheirBounds() {
    assertThatCode(() -> Engine.check(ConfigFactory.load())).doesNotThrowAnyException();
  }

  @Test
  void whatTheEngineNeedsOfItsLibrariesIsOverTheirDefaults() {
    Config config = Engine.config().withFallback(ConfigFactory.load()).resolve();
    assertThat(config.getString("pekko.cluster.sharding.remember-entities")).isEqualTo("off");
    assertThat(config.getInt("pekko.cluster.sharding.number-of-shards")).isEqualTo(128);
    assertThat(config.getBoolean("pekko.actor.allow-java-serialization")).isFalse();
    assertThat(config.getInt("pekko.persistence.max-concurrent-recoveries")).isEqualTo(1_000);
  }
}
