/** What operators see of agents and carriers on all nodes, and what they order. */
@NullMarked
package org.parley.agents.operations;

import org.jspecify.annotations.NullMarked;
