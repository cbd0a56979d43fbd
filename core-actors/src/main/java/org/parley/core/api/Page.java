package org.parley.core.api;

import java.util.List;
import java.util.Optional;

/**
 * Some rows of a longer list.
 *
 * @param next an opaque cursor for the following rows; absent at the end
 */
public record Page<T>(List<T> items, Optional<String> next) {
  public Page {
    items = List.copyOf(items);
  }
}
