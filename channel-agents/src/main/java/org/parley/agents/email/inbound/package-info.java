/** Email that comes back: answers, bounces, complaints and mails that unsubscribe. */
@NullMarked
package org.parley.agents.email.inbound;

import org.jspecify.annotations.NullMarked;
