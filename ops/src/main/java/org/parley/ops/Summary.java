package org.parley.ops;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The table at the end of a campaign. */
final class Summary {
  private Summary() {}

  static Table of(Progress progress) {
    Table table =
        new Table()
            .row("status", progress.status())
            .row("audience", Table.number(progress.accepted()))
            .row("delivered", Table.number(progress.delivered()))
            .row("failed", Table.number(progress.failed()))
            .row("suppressed", Table.number(progress.suppressed()))
            .row("unknown", Table.number(progress.unknown()));
    if (progress.pending() > 0) {
      table.row("pending", Table.number(progress.pending()));
      table.row("  of them held", Table.number(progress.held()));
    }
    List<Map.Entry<String, Long>> reasons =
        progress.reasons().entrySet().stream()
            .filter(reason -> reason.getValue() > 0)
            .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
            .toList();
    if (!reasons.isEmpty()) table.row("reasons");
    for (Map.Entry<String, Long> reason : reasons) {
      table.row("  " + reason.getKey(), Table.number(reason.getValue()));
    }
    if (progress.steps().size() > 1) {
      table.row("steps");
      new TreeMap<>(progress.steps())
          .forEach((step, counts) -> table.row("  " + step, inWords(counts)));
    }
    return table;
  }

  private static String inWords(Map<String, Long> counts) {
    return counts.entrySet().stream()
        .filter(count -> count.getValue() > 0)
        .map(count -> Table.number(count.getValue()) + ' ' + count.getKey())
        .collect(Collectors.joining(", "));
  }
}
