@NullMarked
package org.parley.persistence.lease;

import org.jspecify.annotations.NullMarked;
