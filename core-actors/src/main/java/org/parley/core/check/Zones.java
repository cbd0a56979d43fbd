package org.parley.core.check;

import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import org.parley.core.template.Names;

/** The time zones of the IANA database that this Java knows. */
final class Zones {
  private static final Set<String> IDS = Set.copyOf(ZoneId.getAvailableZoneIds());
  private static final List<String> SORTED = IDS.stream().sorted().toList();

  private Zones() {}

  /** Offsets such as {@code +02:00} are no zones: they do not know of summer time. */
  static String normalise(String raw) throws NotAcceptable {
    if (IDS.contains(raw)) return raw;
    throw new NotAcceptable(
        "is not an IANA time zone such as Europe/Paris" + Names.didYouMean(raw, SORTED));
  }
}
