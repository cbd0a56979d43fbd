package org.parley.node;

import com.typesafe.config.Config;
import java.util.List;
import org.apache.pekko.cluster.ConfigValidation;
import org.apache.pekko.cluster.JoinConfigCompatChecker;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Lets only such nodes into one cluster as understand each other's messages: the number rises with
 * a release that its predecessor cannot talk to. Pekko makes it by its name, and asks it on both
 * sides.
 */
public final class WireVersionCheck extends JoinConfigCompatChecker {
  static final String KEY = "parley.cluster.wire-version";

  @Override
  public Seq<String> requiredKeys() {
    return CollectionConverters.asScala(List.of(KEY)).toSeq();
  }

  @Override
  public ConfigValidation check(Config joining, Config cluster) {
    return fullMatch(requiredKeys(), joining, cluster);
  }
}
