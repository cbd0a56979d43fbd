/** A node: its command line, its settings, and the one place where all modules meet. */
@NullMarked
package org.parley.node;

import org.jspecify.annotations.NullMarked;
