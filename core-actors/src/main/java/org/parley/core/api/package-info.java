/** What an embedding developer uses: the engine, its views and the public conversation protocol. */
@NullMarked
package org.parley.core.api;

import org.jspecify.annotations.NullMarked;
