package org.parley.core.delivery;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Map;
import org.parley.core.api.Channel;
import org.parley.core.api.ConsentState;
import org.parley.core.api.CustomerKey;

/**
 * Who has opted out a moment ago on this node: what is granted already is stopped at the gate. Kept
 * for longer than any grant lives; the conversation knows it for ever.
 */
public final class OptOuts {
  private record Key(CustomerKey customer, Channel channel) {}

  private static final Duration KEPT = Duration.ofMinutes(15);
  private static final int MAX = 200_000;

  private final Cache<Key, Boolean> recent =
      Caffeine.newBuilder().expireAfterWrite(KEPT).maximumSize(MAX).build();

  /** Learns a change of consent that is durable. */
  public void changed(CustomerKey customer, Map<Channel, ConsentState> changes) {
    changes.forEach(
        (channel, state) -> {
          Key key = new Key(customer, channel);
          if (state == ConsentState.OPTED_OUT) recent.put(key, true);
          else recent.invalidate(key);
        });
  }

  boolean contains(CustomerKey customer, Channel channel) {
    return recent.getIfPresent(new Key(customer, channel)) != null;
  }
}
