package org.parley.agents.sms;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.jsmpp.SMPPConstant;
import org.jspecify.annotations.Nullable;

/**
 * Joins the segments of people's messages. A segment's answer waits until the message is whole and
 * durable, or for the hold time, after which a carrier that sends one at a time gets its answer and
 * can send the next. What is not whole when its time or the room is over is taken as it is. Bounded
 * by a number of messages; thread-safe.
 */
final class Joiner {
  private final SmppSettings.Join settings;
  private final BiFunction<Part, String, CompletionStage<Integer>> whole;

  // Guarded by this; oldest first.
  private final Map<Part.Key, Incomplete> incomplete = new LinkedHashMap<>();

  /**
   * @param whole takes a message, as a part of it and the whole text, and answers with the
   *     command_status for its segments
   */
  Joiner(SmppSettings.Join settings, BiFunction<Part, String, CompletionStage<Integer>> whole) {
    this.settings = settings;
    this.whole = whole;
  }

  /** Takes a segment, and answers with its command_status. */
  CompletionStage<Integer> add(Part part, Instant now) {
    if (part.total() == 1) return whole.apply(part, part.text());
    CompletableFuture<Integer> answer = new CompletableFuture<>();
    Incomplete ready = null;
    Incomplete crowdedOut = null;
    synchronized (this) {
      Incomplete message = incomplete.computeIfAbsent(part.key(), key -> new Incomplete(part, now));
      message.texts.put(part.index(), part.text());
      message.held.add(new Held(part.index(), answer, now));
      if (message.texts.size() == part.total()) {
        ready = incomplete.remove(part.key());
      } else if (incomplete.size() > settings.messages()) {
        crowdedOut = incomplete.remove(incomplete.keySet().iterator().next());
      }
    }
    if (ready != null) finish(ready, now);
    if (crowdedOut != null) finish(crowdedOut, now);
    return answer;
  }

  /** Answers what was held long enough, and takes what will not become whole any more. */
  void sweep(Instant now) {
    List<Held> waitedEnough = new ArrayList<>();
    List<Incomplete> old = new ArrayList<>();
    synchronized (this) {
      Iterator<Incomplete> each = incomplete.values().iterator();
      while (each.hasNext()) {
        Incomplete message = each.next();
        if (isOver(message.since, settings.timeout(), now)) {
          each.remove();
          old.add(message);
          continue;
        }
        message.held.removeIf(
            held -> isOver(held.since, settings.hold(), now) && waitedEnough.add(held));
      }
    }
    for (Held held : waitedEnough) held.answer.complete(SMPPConstant.STAT_ESME_ROK);
    for (Incomplete message : old) finish(message, now);
  }

  private static boolean isOver(Instant since, Duration time, Instant now) {
    return Duration.between(since, now).compareTo(time) >= 0;
  }

  private void finish(Incomplete message, Instant now) {
    var unused =
        whole
            .apply(message.first, String.join("", message.texts.values()))
            .whenComplete((status, failure) -> answer(message, status, failure, now));
  }

  private void answer(
      Incomplete message, @Nullable Integer status, @Nullable Throwable failure, Instant now) {
    int said = status == null || failure != null ? SMPPConstant.STAT_ESME_RX_T_APPN : status;
    if (said != SMPPConstant.STAT_ESME_ROK) putBack(message, now);
    for (Held held : message.held) held.answer.complete(said);
  }

  /** What was held comes again; what was answered already does not, and is kept. */
  private synchronized void putBack(Incomplete message, Instant now) {
    Incomplete kept = new Incomplete(message.first, now);
    kept.texts.putAll(message.texts);
    for (Held held : message.held) kept.texts.remove(held.index);
    if (!kept.texts.isEmpty()) incomplete.putIfAbsent(message.first.key(), kept);
  }

  /** A message that misses segments. */
  private static final class Incomplete {
    private final Part first;
    private final Instant since;
    private final Map<Integer, String> texts = new TreeMap<>();
    private final List<Held> held = new ArrayList<>();

    Incomplete(Part first, Instant since) {
      this.first = first;
      this.since = since;
    }
  }

  /** A segment without its answer. */
  private record Held(int index, CompletableFuture<Integer> answer, Instant since) {}
}
