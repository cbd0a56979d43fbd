package org.parley.agents.lane;

import org.parley.core.api.CarrierView;
import org.parley.core.api.Channel;

/**
 * What an operator sees of a lane.
 *
 * @param here the carrier as this node sees it; whoever asks fills in the node
 */
public record LaneReport(
    String carrier, Channel channel, int priority, int perSecond, CarrierView.OnNode here) {}
