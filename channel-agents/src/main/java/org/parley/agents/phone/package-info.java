/** The phone channel: places calls by SIP, plays a prompt, collects the keys that are pressed. */
@NullMarked
package org.parley.agents.phone;

import org.jspecify.annotations.NullMarked;
