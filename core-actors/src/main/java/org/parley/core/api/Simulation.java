package org.parley.core.api;

import java.util.Map;

/**
 * What the first steps of a campaign would meet if it started now, without sending anything.
 *
 * @param examined how many members of the audience were asked, from its beginning
 * @param decisions {@code send}, {@code hold:<reason>} or {@code refuse:<reason>}, with their
 *     counts
 */
public record Simulation(long examined, long audienceSize, Map<String, Long> decisions) {
  public Simulation {
    decisions = Map.copyOf(decisions);
  }
}
