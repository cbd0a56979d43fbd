/** What a client of the API would notice. */
@NullMarked
package org.parley.http;

import org.jspecify.annotations.NullMarked;
