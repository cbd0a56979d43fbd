/** Tests of the read side against a real PostgreSQL. */
@NullMarked
package org.parley.persistence.readside;

import org.jspecify.annotations.NullMarked;
