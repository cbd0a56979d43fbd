/** The agents of a channel: a router, its agents, and the errands they run. */
@NullMarked
package org.parley.agents.pool;

import org.jspecify.annotations.NullMarked;
