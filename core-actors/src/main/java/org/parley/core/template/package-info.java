/** Logic-less Mustache: checks templates before they are used and fills in customers' values. */
@NullMarked
package org.parley.core.template;

import org.jspecify.annotations.NullMarked;
