/**
 * What customers answer, understood on this machine: commands by rules, intent and tone by a model.
 */
@NullMarked
package org.parley.core.reply;

import org.jspecify.annotations.NullMarked;
