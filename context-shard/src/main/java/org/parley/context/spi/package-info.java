/** What an extender implements to bring context from elsewhere. */
@NullMarked
package org.parley.context.spi;

import org.jspecify.annotations.NullMarked;
