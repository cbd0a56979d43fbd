/** Tests of the stores against a real PostgreSQL. */
@NullMarked
package org.parley.persistence.store;

import org.jspecify.annotations.NullMarked;
