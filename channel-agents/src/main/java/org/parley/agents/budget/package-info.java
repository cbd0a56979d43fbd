/** A carrier's rate over the whole cluster: lent to nodes in small leases. */
@NullMarked
package org.parley.agents.budget;

import org.jspecify.annotations.NullMarked;
