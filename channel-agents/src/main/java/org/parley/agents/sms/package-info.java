/** The text message connector: SMPP 3.4 sessions, and what comes back over them. */
@NullMarked
package org.parley.agents.sms;

import org.jspecify.annotations.NullMarked;
