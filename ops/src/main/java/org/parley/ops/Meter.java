package org.parley.ops;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows how far something long is, with its rate and the time left: a bar on a terminal, a plain
 * line every two seconds elsewhere.
 */
final class Meter implements AutoCloseable {
  private static final long LINE_EVERY_NANOS = 2_000_000_000L;

  private final Shell shell;
  private final String task;
  private final String unit;
  private final LongSupplier nanos;
  private final Optional<ProgressBar> bar;
  private final long startedAt;
  private long linedAt;
  private long max;
  private long value;

  private Meter(
      Shell shell,
      String task,
      String unit,
      long max,
      LongSupplier nanos,
      Optional<ProgressBar> bar) {
    this.shell = shell;
    this.task = task;
    this.unit = unit;
    this.max = max;
    this.nanos = nanos;
    this.bar = bar;
    this.startedAt = nanos.getAsLong();
    this.linedAt = startedAt;
  }

  /**
   * @param max what {@link #at} comes to in the end; 0 when not known yet
   */
  static Meter start(Shell shell, String task, String unit, long max) {
    Optional<ProgressBar> bar =
        shell.terminal() ? Optional.of(bar(shell, task, unit, max)) : Optional.empty();
    return new Meter(shell, task, unit, max, System::nanoTime, bar);
  }

  /** Plain lines by a given clock. */
  static Meter plain(Shell shell, String task, String unit, long max, LongSupplier nanos) {
    return new Meter(shell, task, unit, max, nanos, Optional.empty());
  }

  private static ProgressBar bar(Shell shell, String task, String unit, long max) {
    PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(max)
        .setUnit(" " + unit, 1)
        .showSpeed()
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(250)
        .setConsumer(new ConsoleProgressBarConsumer(err, Math.max(40, shell.columns() - 1)))
        .build();
  }

  /** It is this far. */
  void at(long newValue) {
    value = newValue;
    bar.ifPresent(b -> b.stepTo(newValue));
    long now = nanos.getAsLong();
    boolean ended = max > 0 && value >= max;
    if (bar.isEmpty() && !ended && now - linedAt >= LINE_EVERY_NANOS) {
      linedAt = now;
      shell.note(line(now));
    }
  }

  /** It will be this much in the end. */
  void max(long newMax) {
    max = newMax;
    bar.ifPresent(b -> b.maxHint(newMax));
  }

  @Override
  public void close() {
    if (bar.isPresent()) bar.get().close();
    else shell.note(line(nanos.getAsLong()));
  }

  private String line(long now) {
    double seconds = Math.max(1e-3, (now - startedAt) / 1e9);
    double rate = value / seconds;
    StringBuilder line = new StringBuilder(task).append(": ").append(Table.number(value));
    if (max > 0) {
      line.append(" of ")
          .append(Table.number(max))
          .append(String.format(Locale.ROOT, " %s (%.0f %%)", unit, 100.0 * value / max));
    } else {
      line.append(' ').append(unit);
    }
    line.append(", ").append(Table.number(Math.round(rate))).append("/s");
    if (max > value && rate > 0) {
      line.append(", ").append(Math.round((max - value) / rate)).append(" s left");
    } else if (max > 0 && value >= max) {
      line.append(String.format(Locale.ROOT, ", %.1f s", seconds));
    }
    return line.toString();
  }
}
