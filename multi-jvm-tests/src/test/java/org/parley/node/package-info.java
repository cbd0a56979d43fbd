/** A node that a fault test takes hold of. */
@NullMarked
package org.parley.node;

import org.jspecify.annotations.NullMarked;
