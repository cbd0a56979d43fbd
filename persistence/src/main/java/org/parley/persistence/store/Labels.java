package org.parley.persistence.store;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.parley.core.api.CallResult;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;

/** The names by which values of the domain stand in tables. */
public final class Labels {
  private static final Map<String, CampaignStatus> STATUSES =
      byLabel(CampaignStatus.values(), Labels::of);
  private static final Map<String, Channel> CHANNELS = byLabel(Channel.values(), Channel::label);
  private static final Map<String, Communication.State> STATES =
      byLabel(Communication.State.values(), Communication.State::label);
  private static final Map<String, CallResult.EndedBy> ENDED_BY =
      byLabel(CallResult.EndedBy.values(), CallResult.EndedBy::label);

  private Labels() {}

  public static String of(CampaignStatus status) {
    return status.name().toLowerCase(Locale.ROOT);
  }

  static CampaignStatus campaignStatus(String label) {
    return known(STATUSES, label);
  }

  static Channel channel(String label) {
    return known(CHANNELS, label);
  }

  static Communication.State state(String label) {
    return known(STATES, label);
  }

  static CallResult.EndedBy endedBy(String label) {
    return known(ENDED_BY, label);
  }

  private static <T> Map<String, T> byLabel(T[] values, Function<T, String> label) {
    return Arrays.stream(values).collect(Collectors.toUnmodifiableMap(label, v -> v));
  }

  private static <T> T known(Map<String, T> values, String label) {
    T value = values.get(label);
    if (value == null) throw new IllegalStateException("a table holds the unknown name " + label);
    return value;
  }
}
