/**
 * REST, server-sent events and the API's documentation. {@code HttpApi} is the door; {@code
 * Endpoints} is the table of everything that answers; one class a feature holds what it does.
 */
@NullMarked
package org.parley.http;

import org.jspecify.annotations.NullMarked;
