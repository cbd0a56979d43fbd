/** Context retrieval: the live conversation of a customer, read through a near cache. */
@NullMarked
package org.parley.context;

import org.jspecify.annotations.NullMarked;
