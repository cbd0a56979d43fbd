/** Between conversation and agent: the gate before the wire and the courier of outcomes. */
@NullMarked
package org.parley.core.delivery;

import org.jspecify.annotations.NullMarked;
