/** A real SMTP server in the process, for a first run, demos and tests, with faults on demand. */
@NullMarked
package org.parley.agents.sandbox;

import org.jspecify.annotations.NullMarked;
