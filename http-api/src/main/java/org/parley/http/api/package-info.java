/** What the composition root hands to the HTTP interface, and what it may fail with. */
@NullMarked
package org.parley.http.api;

import org.jspecify.annotations.NullMarked;
