/** Real node processes, a real carrier beside them, real faults, and a checker that judges. */
@NullMarked
package org.parley.faults;

import org.jspecify.annotations.NullMarked;
