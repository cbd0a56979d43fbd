/** The stores of {@link org.parley.core.spi.Stores} on PostgreSQL, in plain JDBC. */
@NullMarked
package org.parley.persistence.store;

import org.jspecify.annotations.NullMarked;
