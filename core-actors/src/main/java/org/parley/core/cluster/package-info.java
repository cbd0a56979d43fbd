/** What operators see of the cluster: its members, and what each of them holds. */
@NullMarked
package org.parley.core.cluster;

import org.jspecify.annotations.NullMarked;
