/** What a fault test starts twice. */
@NullMarked
package org.parley.core.run;

import org.jspecify.annotations.NullMarked;
