/** The engine: what an embedder calls, on top of the actors. */
@NullMarked
package org.parley.core.engine;

import org.jspecify.annotations.NullMarked;
