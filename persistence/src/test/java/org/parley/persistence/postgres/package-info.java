@NullMarked
package org.parley.persistence.postgres;

import org.jspecify.annotations.NullMarked;
