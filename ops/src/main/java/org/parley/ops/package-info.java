/**
 * The command line. It speaks to nodes by their HTTP API only; a node of its own is a child
 * process.
 */
@NullMarked
package org.parley.ops;

import org.jspecify.annotations.NullMarked;
