package org.parley.core.api;

import java.util.List;

/**
 * What an import did.
 *
 * @param duplicates rows whose customer had come before, among the rejected
 * @param columns the attribute names found
 */
public record ImportReport(long accepted, long rejected, long duplicates, List<String> columns) {
  public ImportReport {
    columns = List.copyOf(columns);
  }
}
