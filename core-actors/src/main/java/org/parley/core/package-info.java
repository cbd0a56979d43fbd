/** The door of the module: {@code Engine.start} and the journal's catalogue. */
@NullMarked
package org.parley.core;

import org.jspecify.annotations.NullMarked;
