/** How nodes agree through the database: leases, and who belongs to the cluster. */
@NullMarked
package org.parley.persistence.lease;

import org.jspecify.annotations.NullMarked;
