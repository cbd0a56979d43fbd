/** Reads audiences from CSV and NDJSON: good rows in, bad rows reported by line and reason. */
@NullMarked
package org.parley.core.audience;

import org.jspecify.annotations.NullMarked;
