/** The one live conversation with a customer. */
@NullMarked
package org.parley.core.conversation;

import org.jspecify.annotations.NullMarked;
