/** Who may be contacted when: pure decisions, without a clock and without I/O. */
@NullMarked
package org.parley.core.policy;

import org.jspecify.annotations.NullMarked;
