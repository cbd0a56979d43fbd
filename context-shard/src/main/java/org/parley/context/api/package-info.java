/** What an embedding developer asks for a customer's context. */
@NullMarked
package org.parley.context.api;

import org.jspecify.annotations.NullMarked;
