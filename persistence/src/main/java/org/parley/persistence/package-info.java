/** The door of the module: the database of a node, with everything that needs it. */
@NullMarked
package org.parley.persistence;

import org.jspecify.annotations.NullMarked;
