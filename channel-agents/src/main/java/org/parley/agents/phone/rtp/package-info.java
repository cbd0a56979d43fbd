/** The sound of a call: G.711 over RTP (RFC 3550, RFC 3551) and keys as events (RFC 4733). */
@NullMarked
package org.parley.agents.phone.rtp;

import org.jspecify.annotations.NullMarked;
