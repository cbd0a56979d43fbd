package org.parley.core.run;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.parley.core.spi.Member;

/**
 * The members of a slice that have been read and are not behind the cursor yet. The cursor moves
 * over contiguous acknowledgements only: a member that nobody has acknowledged holds it back,
 * however many behind it are done. Not thread-safe; without a clock and without I/O.
 */
final class Window {
  private static final class Slot {
    final Member member;
    boolean done;
    Instant askedAt = Instant.EPOCH;

    Slot(Member member) {
      this.member = member;
    }
  }

  private final ArrayDeque<Slot> order = new ArrayDeque<>();
  private final ArrayDeque<Slot> unasked = new ArrayDeque<>();
  private final ArrayDeque<Slot> again = new ArrayDeque<>();
  private final Map<Long, Slot> asked = new HashMap<>();
  private long cursor;

  Window(long cursor) {
    this.cursor = cursor;
  }

  /** Adds members that were read, in the order of their positions. */
  void add(List<Member> members) {
    for (Member member : members) {
      Slot slot = new Slot(member);
      order.add(slot);
      unasked.add(slot);
    }
  }

  /** The next member to ask; null when there is none. */
  @org.jspecify.annotations.Nullable
  Member next(Instant now) {
    Slot slot = again.poll();
    if (slot == null) slot = unasked.poll();
    if (slot == null) return null;
    slot.askedAt = now;
    asked.put(slot.member.position(), slot);
    return slot.member;
  }

  /** The member at a position is durable elsewhere. Repeats are ignored. */
  void acknowledge(long position) {
    Slot slot = asked.remove(position);
    if (slot == null) return;
    slot.done = true;
    while (!order.isEmpty() && order.peek().done) {
      cursor = order.remove().member.position();
    }
  }

  /**
   * The member at a position could not be decided now: it is asked again, before new ones. Repeats
   * are ignored, and answered with false.
   */
  boolean putBack(long position) {
    Slot slot = asked.remove(position);
    return slot != null && again.add(slot);
  }

  /** Those asked before a moment who have not answered. */
  List<Member> askedBefore(Instant moment, Instant now) {
    List<Member> late = new ArrayList<>();
    for (Slot slot : asked.values()) {
      if (slot.askedAt.isBefore(moment)) {
        slot.askedAt = now;
        late.add(slot.member);
      }
    }
    return late;
  }

  /** Everything up to here is acknowledged. */
  long cursor() {
    return cursor;
  }

  int asked() {
    return asked.size();
  }

  /** How many wait to be asked. */
  int ready() {
    return unasked.size() + again.size();
  }

  /** How many are held, asked or not: what bounds the memory of a run. */
  int size() {
    return order.size();
  }
}
