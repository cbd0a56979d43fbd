/** The run over an audience: slices, cursors, back-pressure. */
@NullMarked
package org.parley.core.run;

import org.jspecify.annotations.NullMarked;
