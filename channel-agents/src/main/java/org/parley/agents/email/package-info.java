/** Email by SMTP: connections, MIME, signing, and what each reply means for an attempt. */
@NullMarked
package org.parley.agents.email;

import org.jspecify.annotations.NullMarked;
