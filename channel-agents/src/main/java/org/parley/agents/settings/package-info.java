/** Reading settings so that a bad value stops the start with a clear sentence. */
@NullMarked
package org.parley.agents.settings;

import org.jspecify.annotations.NullMarked;
