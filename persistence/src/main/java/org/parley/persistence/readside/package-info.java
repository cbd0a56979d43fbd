/**
 * Folds the journal into tables: a projection for each range of its slices, each group of events in
 * one transaction with the offset.
 */
@NullMarked
package org.parley.persistence.readside;

import org.jspecify.annotations.NullMarked;
