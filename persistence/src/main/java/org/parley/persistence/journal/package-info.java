/** The journal: how events are put into bytes, written in batches and read back. */
@NullMarked
package org.parley.persistence.journal;

import org.jspecify.annotations.NullMarked;
