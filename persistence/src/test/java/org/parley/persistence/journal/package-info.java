@NullMarked
package org.parley.persistence.journal;

import org.jspecify.annotations.NullMarked;
