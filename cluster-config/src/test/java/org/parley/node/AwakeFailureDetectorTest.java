package org.parley.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.parley.core.spi.AwakeClock;
import scala.Option;

class AwakeFailureDetectorTest {
  private static final Config SETTINGS =
      ConfigFactory.load("parley-node").getConfig("pekko.cluster.failure-detector");

  private final AtomicLong nanos = new AtomicLong();
  private final AwakeFailureDetector other =
      new AwakeFailureDetector(SETTINGS, Option.empty(), new AwakeClock(nanos::get));

  AwakeFailureDetectorTest() {
    for (int beat = 0; beat < 20; beat++) {
      pass(Duration.ofMillis(500));
      other.heartbeat();
    }
  }

  private void pass(Duration span) {
    long unused = nanos.addAndGet(span.toNanos());
  }

  @Test
  void aNodeThatStoodStillDoesNotSuspectTheOthers() {
    pass(Duration.ofMinutes(1));

    assertThat(other.isAvailable()).isTrue();
  }

  @Test
  void whoSaysNothingWhileOneListensIsSuspected() {
    boolean suspected = false;
    for (int look = 0; look < 10; look++) {
      pass(Duration.ofMillis(500));
      suspected |= !other.isAvailable();
    }

    assertThat(suspected).isTrue();
  }

  @Test
  void theClusterUsesIt() {
    assertThat(SETTINGS.getString("implementation-class"))
        .isEqualTo(AwakeFailureDetector.class.getName());
  }
}
