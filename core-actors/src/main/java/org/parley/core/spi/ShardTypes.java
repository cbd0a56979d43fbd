package org.parley.core.spi;

import java.util.List;

/** The names of what Parley shards over a cluster; an embedder may shard things of its own. */
public final class ShardTypes {
  public static final String CONVERSATION = "conversation";
  public static final String CAMPAIGN = "campaign";
  public static final String CARRIER_BUDGET = "carrier-budget";
  public static final String AUDIENCE_RUN = "audience-run";
  public static final String DUE_WORK = "due-work";
  public static final String READ_SIDE = "read-side";

  private static final String DAEMON = "sharded-daemon-process-";

  /** As Pekko knows their regions. */
  public static final List<String> REGIONS =
      List.of(
          CONVERSATION,
          CAMPAIGN,
          CARRIER_BUDGET,
          DAEMON + AUDIENCE_RUN,
          DAEMON + DUE_WORK,
          DAEMON + READ_SIDE);

  private ShardTypes() {}
}
