/**
 * A small SIP stack (RFC 3261) over UDP and TCP: messages, transactions, digest authentication and
 * SDP. It knows nothing of campaigns, and both sides of a call stand on it.
 */
@NullMarked
package org.parley.agents.phone.sip;

import org.jspecify.annotations.NullMarked;
