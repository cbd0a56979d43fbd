package org.parley.core.spi;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.parley.core.api.Channel;

/** Whose address is it? Made from the journal, so it is a moment behind. */
public interface AddressBook {
  /** The customers with an address, the one contacted last first; at most 20. */
  CompletionStage<List<String>> customers(String tenant, Channel channel, String address);
}
