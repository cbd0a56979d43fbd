/** Due work: waking what waits for a time. */
@NullMarked
package org.parley.core.due;

import org.jspecify.annotations.NullMarked;
