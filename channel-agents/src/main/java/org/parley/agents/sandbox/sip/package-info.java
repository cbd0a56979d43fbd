/** A telephone exchange in the process: every number answers, or fails as its last digits ask. */
@NullMarked
package org.parley.agents.sandbox.sip;

import org.jspecify.annotations.NullMarked;
