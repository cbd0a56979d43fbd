package org.parley.core.spi;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.parley.core.api.CarrierOrder;

/** Remembers what operators want of carriers, so that it holds after all nodes have ended. */
public interface CarrierOrderStore {
  /**
   * The last order for a carrier.
   *
   * @param at when it was given
   */
  record Standing(CarrierOrder order, Instant at) {}

  /** Keeps an order, unless a later one for this carrier is kept. */
  CompletionStage<Void> keep(String carrier, Standing standing);

  /** The last orders by carrier. */
  CompletionStage<Map<String, Standing>> standing();
}
