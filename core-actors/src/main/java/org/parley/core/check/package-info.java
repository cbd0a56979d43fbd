/** Judges what comes in: campaign definitions, profiles and unsubscribe tokens. */
@NullMarked
package org.parley.core.check;

import org.jspecify.annotations.NullMarked;
