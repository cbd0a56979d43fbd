/** A campaign's life, and what every node knows of running campaigns. */
@NullMarked
package org.parley.core.campaign;

import org.jspecify.annotations.NullMarked;
