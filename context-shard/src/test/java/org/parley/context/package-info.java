/** What a reader of contexts would notice. */
@NullMarked
package org.parley.context;

import org.jspecify.annotations.NullMarked;
