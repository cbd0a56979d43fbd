/** A PostgreSQL server of the node's own: unpack, start, find again, stop. */
@NullMarked
package org.parley.persistence.postgres;

import org.jspecify.annotations.NullMarked;
