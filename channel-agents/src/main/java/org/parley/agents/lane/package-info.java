/** One lane per carrier: queue, pace, parallelism, breaker and the last look before the wire. */
@NullMarked
package org.parley.agents.lane;

import org.jspecify.annotations.NullMarked;
