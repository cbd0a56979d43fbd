/**
 * What an extender implements: stores, connectors and agent pools, and the values they exchange.
 */
@NullMarked
package org.parley.core.spi;

import org.jspecify.annotations.NullMarked;
