/** The door of the module: {@code ChannelAgents.start}. */
@NullMarked
package org.parley.agents;

import org.jspecify.annotations.NullMarked;
