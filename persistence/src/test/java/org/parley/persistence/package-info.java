@NullMarked
package org.parley.persistence;

import org.jspecify.annotations.NullMarked;
