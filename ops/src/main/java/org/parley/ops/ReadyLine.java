package org.parley.ops;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The line with which a child says that it is ready; it is given all lines. */
final class ReadyLine implements Consumer<String> {
  private final Pattern pattern;
  private final CompletableFuture<Matcher> seen = new CompletableFuture<>();

  ReadyLine(Pattern pattern) {
    this.pattern = pattern;
  }

  @Override
  public void accept(String line) {
    Matcher match = pattern.matcher(line);
    if (match.matches()) seen.complete(match);
  }

  /**
   * Waits for it.
   *
   * @param requireAlive called again and again; throws what is to be said when the child has ended
   * @param late what is to be said when nothing was seen within the limit
   */
  Matcher await(Runnable requireAlive, Duration limit, String late) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      try {
        return seen.get(100, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        requireAlive.run();
        if (System.nanoTime() > deadline) throw CommandFailure.failed(late);
      } catch (ExecutionException e) {
        throw new AssertionError("never completed exceptionally", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw CommandFailure.failed("interrupted");
      }
    }
  }
}
